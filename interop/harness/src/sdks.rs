//! The SDKs of others, and what each makes of each form of an answer: language models, and tools of the
//! Model Context Protocol.

use tokio::sync::mpsc::unbounded_channel;

use crate::lines::{self, Plan, Reading, Readings};
use crate::llm;
use crate::mcp_server;
use crate::outcome::Result;
use crate::section::Section;
use crate::software::Runtime::{Node, Python, Rust};
use crate::software::{Program, Software};

/// Its name, its program, and the forms that it is known to fail at.
struct Sdk(&'static str, Program, &'static [&'static str]);

#[rustfmt::skip]
const OF_MODELS: &[Sdk] = &[
    Sdk("openai (Python)", Program(Python, "openai_reader.py", "openai"), &["id-blank", "retry-alone", "id-alone", "priming"]),
    Sdk("langchain-openai (Python)", Program(Python, "langchain_reader.py", "langchain-openai"), &["id-blank", "retry-alone", "id-alone", "priming"]),
    Sdk("openai (Node)", Program(Node, "openai_reader.mjs", "openai"), &["priming"]),
    Sdk("anthropic (Python)", Program(Python, "anthropic_reader.py", "anthropic"), &[]),
    Sdk("anthropic (Node)", Program(Node, "anthropic_reader.mjs", "@anthropic-ai/sdk"), &[]),
    Sdk("groq (Python)", Program(Python, "groq_reader.py", "groq"), &["typed", "fields", "id-blank", "retry-alone", "id-alone", "priming"]),
    Sdk("huggingface_hub (Python)", Program(Python, "huggingface_reader.py", "huggingface_hub"), &["plain", "lines", "fields", "priming"]),
    Sdk("google-genai (Python)", Program(Python, "genai_reader.py", "google-genai"), &["alive", "alive-blank", "typed", "id", "fields", "id-blank", "retry-alone", "id-alone", "priming"]),
    Sdk("@google/genai (Node)", Program(Node, "genai_reader.mjs", "@google/genai"), &["lines", "alive", "typed", "id", "fields", "id-blank"]),
    Sdk("ai (Node)", Program(Node, "ai_reader.mjs", "ai"), &["priming"]),
];

#[rustfmt::skip]
const OF_MCP: &[Sdk] = &[
    Sdk("mcp (Python)", Program(Python, "mcp_reader.py", "mcp"), &["mib", "mib16", "breaks"]),
    Sdk("@modelcontextprotocol/sdk", Program(Node, "mcp_reader.mjs", "@modelcontextprotocol/sdk"), &[]),
    Sdk("rmcp", Program(Rust, "rmcp_reader", "rmcp"), &["mib16"]),
];

/// The subject of a table of SDKs.
struct Bench<'a> {
    software: &'a Software,
    /// Where each form is served, whole and in pieces.
    port: u16,
    /// Path and name.
    forms: &'a [(&'static str, &'static str)],
    expected: Vec<String>,
}

pub async fn models(software: &Software) -> Result<Section> {
    let forms: Vec<_> = llm::FORMS.iter().map(|form| (form.path, form.name)).collect();
    let (port, expected) = (llm::serve().await?, llm::deltas());
    Ok(Bench { software, port, forms: &forms, expected }.table(OF_MODELS).await)
}

pub async fn mcp(software: &Software) -> Result<Section> {
    let mut expected = llm::deltas();
    let port = mcp_server::serve(expected.clone()).await?;
    // The last comes once more, as the result.
    expected.extend(expected.last().cloned());
    Ok(Bench { software, port, forms: mcp_server::FORMS, expected }.table(OF_MCP).await)
}

impl Bench<'_> {
    /// A column for each SDK, a row for each form.
    async fn table(&self, sdks: &[Sdk]) -> Section {
        let mut section = Section::default();
        let mut columns = vec![vec!["each event".to_owned()]];
        columns[0].extend(self.forms.iter().map(|(_, name)| (*name).to_owned()));
        columns[0].push("texts compared".into());
        for sdk in sdks {
            let Sdk(name, program, _) = sdk;
            if section.tests(name, self.software, program).await {
                let readings = self.read(program).await;
                if let Ok(readings) = section.take(name, readings) {
                    columns.push(self.column(&mut section, sdk, readings));
                }
            }
        }
        for row in 0..columns[0].len() {
            section.row(&columns.iter().map(|column| &column[row][..]).collect::<Vec<_>>());
            if row == 0 {
                section.text += &format!("|{}\n", "---|".repeat(columns.len()));
            }
        }
        section
    }

    fn column(&self, section: &mut Section, sdk: &Sdk, mut readings: Readings) -> Vec<String> {
        let Sdk(sdk, _, fails) = sdk;
        let mut compared = 0;
        let mut column = vec![(*sdk).to_owned()];
        for (path, name) in self.forms {
            let cuts = ["whole", "pieces"]
                .map(|cut| readings.remove(&self.url(path, cut)).unwrap_or_default());
            compared += cuts.iter().map(|reading| reading.items.len()).sum::<usize>();
            let is_all = |read: &Reading| {
                read.items.concat() == self.expected && read.end.as_deref() == Some("end")
            };
            let all = cuts.iter().all(is_all);
            // Nothing may be read that was not sent.
            let mut texts = cuts.iter().flat_map(|reading| reading.items.iter().flatten());
            let told = |read: &Reading| format!("{} texts, then {:?}", read.items.len(), read.end);
            let problem = match (all, fails.contains(path)) {
                (true, true) => Some("it reads that by now".into()),
                (true, false) => None,
                (false, true) if texts.all(|text| self.expected.contains(text)) => None,
                (false, _) => Some(cuts.each_ref().map(told).join("; in pieces: ")),
            };
            if let Some(problem) = problem {
                section.problem(format!("{sdk}, {name}"), problem);
            }
            column.push(match cuts.map(|reading| reading.items.len()) {
                _ if all => "yes".to_owned(),
                [whole, pieces] if whole == pieces => format!("*no*, {whole}"),
                [whole, pieces] => format!("*no*, {whole} and {pieces}"),
            });
        }
        column.push(compared.to_string());
        eprintln!("{sdk}: {compared} texts compared");
        column
    }

    fn url(&self, form: &str, cut: &str) -> String {
        format!("http://127.0.0.1:{}/{form}/{cut}", self.port)
    }

    async fn read(&self, program: &Program) -> Result<Readings> {
        let cuts = |form| ["whole", "pieces"].map(|cut| self.url(form, cut));
        let urls = self.forms.iter().flat_map(|(form, _)| cuts(form)).collect();
        let plan = Plan { urls: vec![urls], ..Plan::default() };
        lines::read(self.software, program, &plan.json(), &plan, unbounded_channel(), |_| {}).await
    }
}
