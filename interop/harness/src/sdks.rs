//! The table of SDKs of language models, and what each makes of each form of an answer.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use crate::lines::{self, Plan, Readings};
use crate::llm::{self, FORMS};
use crate::process::{Process, Why};
use crate::section::Section;
use crate::software::Runtime::{self, Node, Python};
use crate::software::{Program, Software};

struct Sdk {
    name: &'static str,
    program: Program,
    /// The forms that it is known to fail at.
    fails: &'static [&'static str],
}

#[rustfmt::skip]
const SDKS: &[Sdk] = &[
    sdk("openai (Python)", Python, "openai_reader.py", "openai", &["id-blank", "retry-alone", "id-alone", "priming"]),
    sdk("openai (Node)", Node, "openai_reader.mjs", "openai", &["priming"]),
    sdk("anthropic (Python)", Python, "anthropic_reader.py", "anthropic", &[]),
    sdk("anthropic (Node)", Node, "anthropic_reader.mjs", "@anthropic-ai/sdk", &[]),
    sdk("ai (Node)", Node, "ai_reader.mjs", "ai", &["priming"]),
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

pub async fn run(software: &Software) -> std::io::Result<Section> {
    let port = llm::serve().await?;
    let deltas = llm::deltas();
    let mut section = Section::new(format!(
        "\n## Answers of language models, read by SDKs\n\n\
         Our encoder writes an answer of {} pieces of text in the format of the API: all line ends, lines that look like\n\
         fields, NUL, U+0085, U+2028, U+FEFF, emoji, 64 KiB at once. It is sent whole, and in pieces of 1 to 7 bytes.\n\
         Each piece of text that an SDK hands out is compared. *no* is what an SDK is known to fail at, with how many\n\
         pieces it handed out before that. By the standard the blocks without data give no event, so all forms but the last\n\
         give the same events; the last gives an event with empty data, which is no JSON.\n\n",
        deltas.len()
    ));
    let mut columns = Vec::new();
    let mut compared = vec!["pieces compared".to_owned()];
    for sdk in SDKS {
        match read(software, sdk, port).await {
            Ok(readings) => {
                let version = software.version(&sdk.program).await.unwrap_or_default();
                section.versions.push((sdk.name.to_owned(), version));
                let mut count = 0;
                let mut column = vec![sdk.name.to_owned()];
                for form in FORMS {
                    let cuts = ["whole", "pieces"].map(|cut| &readings[&url(port, form.path, cut)]);
                    let texts = cuts.map(|reading| reading.items.concat());
                    count += texts.iter().map(Vec::len).sum::<usize>();
                    let all = texts.iter().all(|texts| *texts == deltas)
                        && cuts.iter().all(|reading| reading.end.as_deref() == Some("end"));
                    let same_start = texts.iter().all(|texts| deltas.starts_with(texts));
                    let who = format!("{}, {}", sdk.name, form.name);
                    let fails = sdk.fails.contains(&form.path);
                    match (all, fails) {
                        (true, true) => section.problem(&who, "it reads that by now"),
                        (false, false) => {
                            let ends = cuts.map(|reading| reading.end.clone());
                            let lengths = texts.each_ref().map(Vec::len);
                            section.problem(&who, format!("{lengths:?} pieces, then {ends:?}"));
                        }
                        (false, true) if !same_start => section.problem(&who, "other text"),
                        _ => {}
                    }
                    let [whole, pieces] = texts.map(|texts| texts.len());
                    column.push(match all {
                        true => "yes".to_owned(),
                        false if whole == pieces => format!("*no*, {whole}"),
                        false => format!("*no*, {whole} and {pieces}"),
                    });
                }
                compared.push(count.to_string());
                columns.push(column);
            }
            Err(why) => section.nothing(sdk.name, &why),
        }
    }
    let mut first = vec!["each event is".to_owned()];
    first.extend(FORMS.iter().map(|form| form.name.to_owned()));
    columns.insert(0, first);
    for row in 0..=FORMS.len() {
        let cells: Vec<_> = columns.iter().map(|column| column[row].as_str()).collect();
        section.row(&cells);
        if row == 0 {
            section.text += &format!("|{}\n", "---|".repeat(columns.len()));
        }
    }
    let compared: Vec<_> = compared.iter().map(String::as_str).collect();
    section.row(&compared);
    Ok(section)
}

fn url(port: u16, form: &str, cut: &str) -> String {
    format!("http://127.0.0.1:{port}/{form}/{cut}")
}

async fn read(software: &Software, sdk: &Sdk, port: u16) -> Result<Readings, Why> {
    let forms = FORMS.iter().flat_map(|form| ["whole", "pieces"].map(|cut| (form.path, cut)));
    let urls: Vec<_> = forms.map(|(form, cut)| url(port, form, cut)).collect();
    let plan = Plan { types: Vec::new(), urls: vec![urls] };
    let argument = serde_json::to_string(&plan).expect("texts are JSON");
    let mut command = software.command("readers", &sdk.program, &argument).await?;
    let mut process = Process::start(command.stdout(std::process::Stdio::piped()))?;
    let (sender, mut lines) = unbounded_channel();
    lines::forward(process.stdout(), sender);
    lines::gather(&mut lines, &plan, LIMIT, |_| {}).await.map_err(Why::failed)
}
