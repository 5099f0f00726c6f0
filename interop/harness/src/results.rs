//! RESULTS.md: what was found, in tables. Nothing in it changes from run to run but what is tested.

use std::fmt::Write as _;

use crate::cases::{Case, Item, MARK, Read};
use crate::compare::{Comparison, Difference, Fault};
use crate::process::Why;
use crate::readers::Reader;
use crate::server::IDS;
use crate::writers::Writer;
use crate::{Everything, faults, readers, replay, surroundings, writers};

pub fn render(everything: &Everything) -> String {
    let mut out = String::from(
        "# Interoperability\n\n\
         Written by `interop/run.sh`: sse-proto against software that others wrote, on loopback.\n\
         Each block that is sent is compared, one by one, with what the standard makes of it. Blocks come in all\n\
         shapes: those that someone got wrong somewhere, and more than a thousand by chance. Where the other side\n\
         has a fault of its own, the fault predicts exactly what comes out instead; what no known fault explains\n\
         fails the run.\n",
    );
    readers(&mut out, everything);
    writers(&mut out, everything);
    faults_shown(&mut out, everything);
    bad_surroundings(&mut out, everything);
    killed_and_cut(&mut out, everything);
    recipes(&mut out, everything);
    out
}

/// All that is wrong: what the run fails for.
pub fn problems(everything: &Everything) -> Vec<String> {
    let failed = |(row, why): (String, &Why)| match why {
        Why::Failed(reason) => Some(format!("{row}: {reason}")),
        Why::Missing(_) => None,
    };
    let mut problems: Vec<_> = reasons(everything).filter_map(failed).collect();
    let mut unexplained = |who: &str, comparison: &Comparison| {
        for difference in comparison.unexplained().take(5) {
            problems.push(format!(
                "{who}: after the ID {:?}, {:?}\n    should give {:?}\n    and gave    {:?}",
                difference.last_event_id, difference.case, difference.expected, difference.found
            ));
        }
    };
    for row in &everything.readers {
        if let Ok(outcome) = &row.outcome {
            unexplained(row.reader.name(), &outcome.comparison);
        }
    }
    for row in &everything.writers {
        if let Ok(outcome) = &row.outcome {
            unexplained(row.writer.name(), &outcome.comparison);
        }
    }
    for row in &everything.readers {
        let found = row.outcome.iter().flat_map(|outcome| outcome.problems(row.reader, row.way));
        problems.extend(
            found.map(|problem| format!("{} ({}): {problem}", row.reader.name(), row.way.name())),
        );
    }
    for row in &everything.writers {
        let found = row.outcome.iter().flat_map(|outcome| &outcome.problems);
        problems.extend(
            found.map(|problem| format!("{} ({}): {problem}", row.writer.name(), row.way.name())),
        );
    }
    for row in &everything.surroundings {
        let found = row.clients.iter().chain(&row.decoder).filter_map(|made| made.as_ref().err());
        problems.extend(found.map(|problem| format!("{}: {problem}", row.name)));
    }
    for row in &everything.recipes {
        problems.extend(
            row.outcome.as_ref().err().map(|problem| format!("{}: {problem}", row.program)),
        );
    }
    problems
}

/// All rows in which there is nothing to compare.
fn reasons(everything: &Everything) -> impl Iterator<Item = (String, &Why)> {
    let readers = everything.readers.iter().filter_map(|row| {
        Some((format!("{} ({})", row.reader.name(), row.way.name()), row.outcome.as_ref().err()?))
    });
    let writers = everything.writers.iter().filter_map(|row| {
        Some((format!("{} ({})", row.writer.name(), row.way.name()), row.outcome.as_ref().err()?))
    });
    let replay = everything.replay.iter().filter_map(|row| {
        Some((format!("{:?}, killed and cut", row.reader), row.outcome.as_ref().err()?))
    });
    readers.chain(writers).chain(replay)
}

/// All that could not be tested.
pub fn skipped(everything: &Everything) -> Vec<String> {
    let missing = |(row, why): (String, &Why)| match why {
        Why::Missing(reason) => Some(format!("{row}: {reason}")),
        Why::Failed(_) => None,
    };
    reasons(everything).filter_map(missing).collect()
}

/// Blocks; those that came out right; those that a fault explains; those that nothing explains.
fn counts(comparison: &Comparison) -> String {
    let unexplained = comparison.unexplained().count();
    let explained = comparison.differences.len() - unexplained;
    let (events, blocks, same) = (comparison.events, comparison.cases, comparison.same);
    format!("{events} | {blocks} | {same} | {explained} | {unexplained}")
}

fn readers(out: &mut String, everything: &Everything) {
    let _ = write!(
        out,
        "\n## Our encoder, read by others\n\n\
         Type, data and last event ID of every event. Then: whether a lone event was seen while the stream stood\n\
         still, without and with `X-Accel-Buffering: no`; whether a reader whose stream broke off came back with the\n\
         last event ID (`{}`, and `{}` as UTF-8), not before the time that `retry` asked for and before its own\n\
         default, and stayed away after 204. event-source-polyfill runs in the same browser, with a request header\n\
         set, and sends the ID in the query; httpx-sse leaves coming back to its caller. nginx is {}: by its defaults\n\
         (buffering, HTTP/1.0 upstream), with HTTP/1.1 upstream and buffering on and off, and with HTTP/2 over TLS.\n\n\
         | reader | by way of | events | blocks | as sent | explained | unexplained | at once | ID | non-ASCII ID |\n\
         |---|---|--:|--:|--:|--:|--:|---|---|---|\n",
        IDS[0], IDS[1], everything.nginx
    );
    for readers::Row { reader, way, outcome } in &everything.readers {
        let name = format!("{} {}", reader.name(), everything.reader_versions[*reader as usize]);
        let _ = match outcome {
            Err(why) => {
                writeln!(out, "| {name} | {} | {why} | | | | | | | |", way.name())
            }
            Ok(outcome) => {
                let yes = |seen: Option<bool>| if seen == Some(true) { "yes" } else { "no" };
                let [without, with] = outcome.session.at_once.map(yes);
                let [first, second] = [0, 1].map(|number| match outcome.reconnection(number) {
                    Ok(()) => "yes",
                    Err(_) if faults::never_reconnects(*reader) == Some(number) => "no, see below",
                    Err(_) => "no",
                });
                let counts = counts(&outcome.comparison);
                writeln!(
                    out,
                    "| {name} | {} | {counts} | {without}, {with} | {first} | {second} |",
                    way.name()
                )
            }
        };
    }
}

fn writers(out: &mut String, everything: &Everything) {
    *out += "\n## Our decoder, reading others\n\n\
         Events, comments and retries. The writers are asked for the same blocks, as far as their interfaces can say\n\
         them. Whatever they write, the decoder's result is also that of the transcribed standard (`tests/model.rs`).\n\n\
         | writer | by way of | events | blocks | as asked | explained | unexplained |\n|---|---|--:|--:|--:|--:|--:|\n";
    for writers::Row { writer, way, outcome } in &everything.writers {
        let name = format!("{} {}", writer.name(), everything.writer_versions[*writer as usize]);
        let _ = match outcome {
            Err(why) => writeln!(out, "| {name} | {} | {why} | | | | |", way.name()),
            Ok(outcome) => {
                writeln!(out, "| {name} | {} | {} |", way.name(), counts(&outcome.comparison))
            }
        };
    }
}

fn faults_shown(out: &mut String, everything: &Everything) {
    *out += "\n## What the other side does otherwise\n\n\
         Each with the number of blocks that show it by themselves (an ID that came out wrong is seen in later\n\
         blocks too), and with the smallest of them.\n\n\
         | who | what | blocks | shown by | should give | gives |\n|---|---|--:|---|---|---|\n";
    for reader in Reader::ALL {
        let found =
            everything.readers.iter().find(|row| row.reader == reader && row.outcome.is_ok());
        let Some(Ok(outcome)) = found.map(|row| &row.outcome) else { continue };
        let input = |difference: &Difference| {
            let context = match difference.last_event_id.as_str() {
                "" => String::new(),
                id => format!(", after the ID {}", code(id)),
            };
            code(&String::from_utf8_lossy(&difference.case.encoded())) + &context
        };
        fault_rows(out, reader.name(), faults::of_reader(reader), &outcome.comparison, input);
        if let Some(number) = faults::never_reconnects(reader) {
            let _ = writeln!(
                out,
                "| {} | cannot send an ID beyond Latin-1, so it never comes back | | {} | `Last-Event-ID`, as UTF-8 | nothing |",
                reader.name(),
                code(&format!("id: {}\n", IDS[number]))
            );
        }
    }
    for writer in Writer::ALL {
        let found =
            everything.writers.iter().find(|row| row.writer == writer && row.outcome.is_ok());
        let Some(Ok(outcome)) = found.map(|row| &row.outcome) else { continue };
        let input = |difference: &Difference| asked(&difference.case);
        fault_rows(out, writer.name(), faults::of_writer(writer), &outcome.comparison, input);
    }
}

fn fault_rows(
    out: &mut String,
    who: &str,
    faults: &[Fault],
    comparison: &Comparison,
    input: impl Fn(&Difference) -> String,
) {
    for (number, Fault { what, .. }) in faults.iter().enumerate() {
        let count = comparison.count(number);
        let _ = match comparison.smallest(number) {
            None => writeln!(out, "| {who} | {what} | {count} | not seen any more | | |"),
            Some(difference) => writeln!(
                out,
                "| {who} | {what} | {count} | {} | {} | {} |",
                input(difference),
                items(&difference.expected),
                items(&difference.found)
            ),
        };
    }
}

/// What a writer was asked for.
fn asked(case: &Case) -> String {
    let retry = case.retry.map(|time| time.to_string());
    let fields = [
        ("comment", &case.comment),
        ("id", &case.id),
        ("type", &case.event_type),
        ("retry", &retry),
        ("data", &case.data),
    ];
    let set =
        fields.iter().filter_map(|(name, text)| Some(format!("{name} {}", code(text.as_deref()?))));
    set.collect::<Vec<_>>().join(", ")
}

/// What came out, without the mark.
fn items(items: &[Item]) -> String {
    let shown = items.iter().filter_map(|item| match item {
        Item::Comment(text) => Some(format!("comment {}", code(text))),
        Item::Retry(time) => Some(format!("retry {time}")),
        Item::Event(Read(event_type, ..)) if event_type == MARK => None,
        Item::Event(Read(event_type, data, id)) if id.is_empty() => {
            Some(format!("event {} {}", code(event_type), code(data)))
        }
        Item::Event(Read(event_type, data, id)) => {
            Some(format!("event {} {}, ID {}", code(event_type), code(data), code(id)))
        }
    });
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "nothing".into() } else { shown.join(", ") }
}

/// Text as a literal, within a cell of a table.
fn code(text: &str) -> String {
    format!("`{:?}`", text).replace('|', "\\|")
}

fn bad_surroundings(out: &mut String, everything: &Everything) {
    let clients = surroundings::CLIENTS.join(" | ");
    let _ = write!(
        out,
        "\n## Bad surroundings\n\n\
         What comes where an event stream should be, and what the cookbook's clients make of it: they say what came\n\
         instead, or find no event in it; none panics, and none holds more memory than twice the limit of 64 MiB\n\
         and its own 48. The decoder alone is given the same bytes in chunks of every size.\n\n\
         | what comes | expected | decoder | {clients} |\n|---|---|---|{}\n",
        "---|".repeat(surroundings::CLIENTS.len())
    );
    for row in &everything.surroundings {
        let cell = |made: &Result<(), String>| if made.is_ok() { "yes" } else { "**no**" };
        let decoder = match &row.decoder {
            None => "",
            Some(Ok(())) => "no event, no error",
            Some(Err(_)) => "**no**",
        };
        let cells: Vec<_> = row.clients.iter().map(cell).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {decoder} | {} |",
            row.name,
            row.expected,
            cells.join(" | ")
        );
    }
}

fn killed_and_cut(out: &mut String, everything: &Everything) {
    let _ = write!(
        out,
        "\n## Killed, cut, and back\n\n\
         The cookbook's `replay_server` publishes {} events, one a millisecond. Meanwhile it is killed {} times (SIGKILL,\n\
         at random moments) and started again, with half an event at the end of its log. Its readers' connections are\n\
         cut, seven of eight, after up to 128 KiB: anywhere in an event, by a reset or an orderly end. `replay_client` is\n\
         killed too, and started again with half a line at the end of its journal; Chromium's `EventSource` is left to\n\
         itself, and spared one cut: without TLS it takes half a head of a response for a whole one, and stays closed.\n\
         Each must have every event once and in order at the end.\n\n\
         | reader | killed | connections cut | every event once and in order |\n|---|---|---|---|\n",
        replay::EVENTS,
        replay::KILLS
    );
    for replay::Row { reader, outcome } in &everything.replay {
        let (name, killed) = match reader {
            replay::Reader::ReplayClient => {
                ("`replay_client`".into(), format!("{} times", replay::KILLS))
            }
            replay::Reader::Chromium => {
                let version = &everything.reader_versions[Reader::Chromium as usize];
                (format!("Chromium {version}"), "no".into())
            }
        };
        let outcome = match outcome {
            Ok(()) => "yes".into(),
            Err(why) => why.to_string(),
        };
        let _ =
            writeln!(out, "| {name} | {killed} | at least {} | {outcome} |", replay::LEAST_CUTS);
    }
}

fn recipes(out: &mut String, everything: &Everything) {
    *out += "\n## The cookbook\n\n| program | what was tried | |\n|---|---|---|\n";
    for row in &everything.recipes {
        let outcome = if row.outcome.is_ok() { "works" } else { "**fails**" };
        let _ = writeln!(out, "| `{}` | {} | {outcome} |", row.program, row.seen);
    }
}
