//! The picture for the README: decoding time as multiples of ours, with nanoseconds beside the bars.
//!
//! It has no background, and its colours stand out from white as from near-black, because an image
//! on GitHub cannot know which of its themes the reader chose.

use std::fmt::Write as _;

use crate::decoders::Role;
use crate::modes::Row;

/// The streams people meet most, in this order.
const SHOWN: [&str; 5] = ["openai", "anthropic", "tiny", "wikimedia", "cjk"];
/// Of our decoders the one that is compared, and what the chart calls it.
const OURS: (&str, &str) = ("ours", "sse-proto");

const TEXT: &str = "#7d8590";
const OURS_COLOUR: &str = "#2f81f7";
const PEER_COLOUR: &str = "#9a8f80";

/// How many times our time the full width stands for. Longer bars are cut, and say so.
const SPAN: f64 = 8.0;
const LEFT: f64 = 170.0;
const WIDTH: f64 = 480.0;
const RIGHT: f64 = 110.0;
const BAR: f64 = 12.0;
const PITCH: f64 = 17.0;
const GROUP_GAP: f64 = 34.0;
const TOP: f64 = 64.0;

/// Draws the rows that are [`SHOWN`].
pub fn svg(rows: &[Row]) -> String {
    let shown = SHOWN.iter().filter_map(|name| rows.iter().find(|row| row.corpus == *name));
    let mut bars = String::new();
    let mut y = TOP;
    for row in shown {
        y += GROUP_GAP;
        text(&mut bars, LEFT, y - 8.0, "start", "group", &title(row));
        for (name, role, time) in &row.cells {
            if *role == Role::Peer || *name == OURS.0 {
                bar(&mut bars, y, name, time.as_ref().ok().copied(), ours(row));
                y += PITCH;
            }
        }
    }
    let height = y + 8.0;
    let total = LEFT + WIDTH + RIGHT;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}" role="img" aria-label="Decoding time per event, sse-proto and other Rust crates">
<style>
text {{ font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: {TEXT}; }}
.title {{ font-size: 15px; font-weight: 600; }}
.group {{ font-weight: 600; }}
.ours {{ fill: {OURS_COLOUR}; font-weight: 600; }}
line {{ stroke: {TEXT}; stroke-opacity: 0.25; }}
</style>
{}{bars}</svg>
"#,
        frame(height),
    )
}

/// The title and a line for each multiple of our time.
fn frame(height: f64) -> String {
    let mut frame = String::new();
    text(&mut frame, LEFT, 22.0, "start", "title", "Decoding: time per event (shorter is better)");
    text(
        &mut frame,
        LEFT,
        42.0,
        "start",
        "",
        "in multiples of sse-proto's time; 16 KiB chunks, one core",
    );
    for multiple in 0..=SPAN as u32 {
        let x = LEFT + f64::from(multiple) / SPAN * WIDTH;
        writeln!(frame, r#"<line x1="{x}" y1="{}" x2="{x}" y2="{}"/>"#, TOP + 6.0, height - 8.0)
            .unwrap();
        text(&mut frame, x, TOP, "middle", "", &format!("{multiple}×"));
    }
    frame
}

/// One bar with its name before and its time behind it.
fn bar(out: &mut String, y: f64, name: &str, time: Option<f64>, ours: f64) {
    let (class, colour, name) = match name == OURS.0 {
        true => ("ours", OURS_COLOUR, OURS.1),
        false => ("", PEER_COLOUR, name),
    };
    let baseline = y + BAR - 2.0;
    text(out, LEFT - 8.0, baseline, "end", class, name);
    let Some(time) = time else {
        text(out, LEFT + 6.0, baseline, "start", "", "reads this stream wrongly");
        return;
    };
    let multiple = time / ours;
    let width = multiple.min(SPAN) / SPAN * WIDTH;
    writeln!(
        out,
        r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="{BAR}" rx="2" fill="{colour}"/>"#
    )
    .unwrap();
    let mut label = format!("{time:.0} ns");
    if multiple > SPAN {
        write!(label, " ({multiple:.0}×) ▸").unwrap();
    }
    text(out, LEFT + width + 6.0, baseline, "start", class, &label);
}

fn text(out: &mut String, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
    writeln!(
        out,
        r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" class="{class}">{text}</text>"#
    )
    .unwrap();
}

fn title(row: &Row) -> String {
    let what = match row.corpus {
        "openai" => "chat completion chunks, 345 B",
        "anthropic" => "named text deltas, 138 B",
        "tiny" => "data: 1, 9 B",
        "wikimedia" => "recent changes with JSON ids, 1.7 KB",
        "cjk" => "named text deltas in Korean and Chinese, 320 B",
        other => other,
    };
    format!("{}: {what}", row.corpus)
}

/// Our time, by which all bars of a group are measured.
fn ours(row: &Row) -> f64 {
    let found = row.cells.iter().find(|(name, ..)| *name == OURS.0);
    found.and_then(|(.., time)| time.as_ref().ok().copied()).unwrap_or(f64::NAN)
}
