//! The SDKs of others, and what each makes of each form of an answer: language models, and tools of the
//! Model Context Protocol.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::lines::{self, Plan, Reading, Readings};
use crate::llm;
use crate::mcp_server;
use crate::process::{Process, Why};
use crate::section::Section;
use crate::software::Runtime::{self, Node, Python, Rust};
use crate::software::{Program, Software};

struct Sdk {
    name: &'static str,
    program: Program,
    /// The forms that it is known to fail at.
    fails: &'static [&'static str],
}

#[rustfmt::skip]
const OF_MODELS: &[Sdk] = &[
    sdk("openai (Python)", Python, "openai_reader.py", "openai", &["id-blank", "retry-alone", "id-alone", "priming"]),
    sdk("openai (Node)", Node, "openai_reader.mjs", "openai", &["priming"]),
    sdk("anthropic (Python)", Python, "anthropic_reader.py", "anthropic", &[]),
    sdk("anthropic (Node)", Node, "anthropic_reader.mjs", "@anthropic-ai/sdk", &[]),
    sdk("groq (Python)", Python, "groq_reader.py", "groq", &["typed", "fields", "id-blank", "retry-alone", "id-alone", "priming"]),
    sdk("huggingface_hub (Python)", Python, "huggingface_reader.py", "huggingface_hub", &["plain", "lines", "fields", "priming"]),
    sdk("google-genai (Python)", Python, "genai_reader.py", "google-genai", &["alive", "alive-blank", "typed", "id", "fields", "id-blank", "retry-alone", "id-alone", "priming"]),
    sdk("@google/genai (Node)", Node, "genai_reader.mjs", "@google/genai", &["lines", "alive", "typed", "id", "fields", "id-blank"]),
    sdk("ai (Node)", Node, "ai_reader.mjs", "ai", &["priming"]),
];

#[rustfmt::skip]
const OF_MCP: &[Sdk] = &[
    sdk("mcp (Python)", Python, "mcp_reader.py", "mcp", &["breaks"]),
    sdk("@modelcontextprotocol/sdk", Node, "mcp_reader.mjs", "@modelcontextprotocol/sdk", &[]),
    sdk("rmcp", Rust, "rmcp_reader", "rmcp", &[]),
];

const fn sdk(
    name: &'static str,
    runtime: Runtime,
    file: &'static str,
    package: &'static str,
    fails: &'static [&'static str],
) -> Sdk {
    Sdk { name, program: Program { runtime, file, package }, fails }
}

/// The longest that one SDK may take.
const LIMIT: Duration = Duration::from_secs(120);

/// The subject of a table of SDKs.
struct Bench<'a> {
    software: &'a Software,
    /// Where each form is served, whole and in pieces.
    port: u16,
    /// Path and name.
    forms: &'a [(&'static str, &'static str)],
    expected: Vec<String>,
}

pub async fn models(software: &Software) -> std::io::Result<Section> {
    let expected = llm::deltas();
    let section = Section::new(format!(
        "\n## Answers of language models, read by SDKs\n\n\
         Our encoder writes an answer of {} texts in the format of the API: all line ends, lines that look like fields,\n\
         NUL, U+0085, U+2028, U+FEFF, emoji, 64 KiB at once. It is sent whole, and in pieces of 1 to 7 bytes. Each text\n\
         that an SDK hands out is compared. *no* is what an SDK is known to fail at, with how many texts it handed out\n\
         before that. By the standard the blocks without data give no event, so all forms but the last give the same\n\
         events; the last gives an event with empty data, which is no JSON. [READERS.md](READERS.md) says what follows.\n\n",
        expected.len()
    ));
    let forms: Vec<_> = llm::FORMS.iter().map(|form| (form.path, form.name)).collect();
    let bench = Bench { software, port: llm::serve().await?, forms: &forms, expected };
    Ok(bench.table(section, OF_MODELS).await)
}

pub async fn mcp(software: &Software) -> std::io::Result<Section> {
    let texts = llm::deltas();
    let section = Section::new(format!(
        "\n## The Model Context Protocol, read by SDKs\n\n\
         A server with our encoder answers the call of a tool with the same {} texts, as notifications of progress, and\n\
         with the last of them as the result; over Streamable HTTP, whole and in pieces of 1 to 7 bytes.\n\n",
        texts.len()
    ));
    let port = mcp_server::serve(texts.clone()).await?;
    let expected = [&texts[..], &texts[texts.len() - 1..]].concat();
    let bench = Bench { software, port, forms: mcp_server::FORMS, expected };
    Ok(bench.table(section, OF_MCP).await)
}

impl Bench<'_> {
    /// A column for each SDK, a row for each form.
    async fn table(&self, mut section: Section, sdks: &[Sdk]) -> Section {
        let mut columns = vec![vec!["each event".to_owned()]];
        columns[0].extend(self.forms.iter().map(|(_, name)| (*name).to_owned()));
        columns[0].push("texts compared".into());
        for sdk in sdks {
            match self.read(sdk).await {
                Ok(readings) => columns.push(self.column(&mut section, sdk, readings).await),
                Err(why) => section.nothing(sdk.name, &why),
            }
        }
        for row in 0..columns[0].len() {
            let cells: Vec<_> = columns.iter().map(|column| column[row].as_str()).collect();
            section.row(&cells);
            if row == 0 {
                section.text += &format!("|{}\n", "---|".repeat(columns.len()));
            }
        }
        section
    }

    async fn column(
        &self,
        section: &mut Section,
        sdk: &Sdk,
        mut readings: Readings,
    ) -> Vec<String> {
        let version = self.software.version(&sdk.program).await.unwrap_or_default();
        section.versions.push((sdk.name.to_owned(), version));
        let mut compared = 0;
        let mut column = vec![sdk.name.to_owned()];
        for (path, name) in self.forms {
            let who = format!("{}, {name}", sdk.name);
            let cuts = ["whole", "pieces"]
                .map(|cut| readings.remove(&self.url(path, cut)).unwrap_or_default());
            compared += cuts.iter().map(|reading| reading.items.len()).sum::<usize>();
            let all = cuts.iter().all(|reading| self.is_all(reading));
            let problem = match (all, sdk.fails.contains(path)) {
                (true, false) => None,
                (true, true) => Some("it reads that by now".into()),
                (false, true) if cuts.iter().all(|reading| self.is_of(reading)) => None,
                (false, _) => {
                    let told = |Reading { items, end }: &Reading| {
                        format!("{} texts, then {end:?}", items.len())
                    };
                    Some(cuts.each_ref().map(told).join("; in pieces: "))
                }
            };
            if let Some(problem) = problem {
                section.problem(&who, problem);
            }
            column.push(match cuts.map(|reading| reading.items.len()) {
                _ if all => "yes".to_owned(),
                [whole, pieces] if whole == pieces => format!("*no*, {whole}"),
                [whole, pieces] => format!("*no*, {whole} and {pieces}"),
            });
        }
        column.push(compared.to_string());
        eprintln!("{}: {compared} texts compared", sdk.name);
        column
    }

    fn is_all(&self, reading: &Reading) -> bool {
        reading.items.concat() == self.expected && reading.end.as_deref() == Some("end")
    }

    /// Whether nothing was read that was not sent.
    fn is_of(&self, reading: &Reading) -> bool {
        reading.items.iter().flatten().all(|text| self.expected.contains(text))
    }

    fn url(&self, form: &str, cut: &str) -> String {
        format!("http://127.0.0.1:{}/{form}/{cut}", self.port)
    }

    async fn read(&self, sdk: &Sdk) -> Result<Readings, Why> {
        let cuts = |form| ["whole", "pieces"].map(|cut| self.url(form, cut));
        let urls = self.forms.iter().flat_map(|(form, _)| cuts(form)).collect();
        let plan = Plan { types: Vec::new(), urls: vec![urls] };
        let argument = serde_json::to_string(&plan).expect("texts are JSON");
        let mut command = self.software.command("readers", &sdk.program, &argument).await?;
        let mut process = Process::start(command.stdout(std::process::Stdio::piped()))?;
        let (sender, mut lines) = unbounded_channel();
        lines::forward(process.stdout(), sender);
        lines::gather(&mut lines, &plan, LIMIT, |_| {}).await.map_err(Why::failed)
    }
}
