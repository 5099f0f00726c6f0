//! The picture for the README: decoding time as multiples of ours, with nanoseconds beside the
//! bars. Two panels stand beside each other: large chunks, and one event per chunk.
//!
//! It has no background, and its colours stand out from white as from near-black, because an image
//! on GitHub cannot know which of its themes you chose.

use std::fmt::Write as _;

use crate::decoders::Role;
use crate::modes::{Outcome, Row};

/// The streams people meet most, in this order.
const SHOWN: [&str; 5] = ["openai", "anthropic", "tiny", "wikimedia", "cjk"];
/// The modes in the panels, from left to right.
const PANELS: [(&str, &str); 2] = [("16k", "16 KiB chunks"), ("event", "one event per chunk")];
/// Of our decoders those that are shown: the name, what the chart calls it, its colour. All times
/// are divided by that of the first one.
const OURS: [(&str, &str, &str); 2] =
    [("ours", "sse-proto", "#2f81f7"), ("EventStream", "sse-proto, owned", "#16a394")];

const TEXT: &str = "#7d8590";
const PEER_COLOUR: &str = "#9a8f80";

/// How many times our time the width of a panel shows. Longer bars are cut, and say so.
const SPAN: f64 = 8.0;
const LEFT: f64 = 164.0;
const WIDTH: f64 = 240.0;
/// Beside each panel, for the label of its longest bar.
const RIGHT: f64 = 116.0;
const BAR: f64 = 12.0;
const PITCH: f64 = 17.0;
const GROUP_GAP: f64 = 34.0;
const TOP: f64 = 84.0;

/// Draws the rows that are [`SHOWN`], of the modes in [`PANELS`].
pub fn svg(outcomes: &[Outcome]) -> String {
    let rows = |mode: &str| -> &[Row] {
        let outcome = outcomes.iter().find(|outcome| outcome.mode == mode);
        outcome.map_or(&[], |outcome| &outcome.rows)
    };
    let mut bars = String::new();
    let mut height = TOP;
    for (nth, (mode, _)) in PANELS.iter().enumerate() {
        let shown =
            SHOWN.iter().filter_map(|name| rows(mode).iter().find(|row| row.corpus == *name));
        let mut y = TOP;
        for row in shown {
            y += GROUP_GAP;
            if nth == 0 {
                text(&mut bars, LEFT, y - 8.0, "start", "group", &title(row));
            }
            for (name, role, time) in &row.cells {
                let ours = OURS.iter().position(|our| our.0 == *name);
                if *role == Role::Peer || ours.is_some() {
                    let style = Style::of(ours, name);
                    if nth == 0 {
                        let baseline = y + BAR - 2.0;
                        text(&mut bars, LEFT - 8.0, baseline, "end", &style.class, style.label);
                    }
                    bar(&mut bars, left(nth), y, &style, time.as_ref().ok().copied(), unit(row));
                    y += PITCH;
                }
            }
        }
        height = height.max(y + 8.0);
    }
    let total = left(PANELS.len());
    let classes: String = OURS
        .iter()
        .enumerate()
        .map(|(nth, our)| format!(".our{nth} {{ fill: {}; font-weight: 600; }}\n", our.2))
        .collect();
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}" role="img" aria-label="Decoding time per event, sse-proto and other Rust crates">
<style>
text {{ font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: {TEXT}; }}
.title {{ font-size: 15px; font-weight: 600; }}
.group {{ font-weight: 600; }}
{classes}line {{ stroke: {TEXT}; stroke-opacity: 0.25; }}
</style>
{}{bars}</svg>
"#,
        frame(height),
    )
}

/// Where the bars of this panel begin.
fn left(panel: usize) -> f64 {
    LEFT + panel as f64 * (WIDTH + RIGHT)
}

/// How a contender's bar looks.
struct Style<'n> {
    class: String,
    colour: &'static str,
    label: &'n str,
}

impl<'n> Style<'n> {
    /// `ours` is the place in [`OURS`], for a decoder of ours.
    fn of(ours: Option<usize>, name: &'n str) -> Self {
        match ours {
            Some(nth) => {
                Style { class: format!("our{nth}"), colour: OURS[nth].2, label: OURS[nth].1 }
            }
            None => Style { class: String::new(), colour: PEER_COLOUR, label: name },
        }
    }
}

/// The titles, and in each panel a line for each multiple of our time.
fn frame(height: f64) -> String {
    let mut frame = String::new();
    text(&mut frame, LEFT, 22.0, "start", "title", "Decoding: time per event (shorter is better)");
    let about = "in multiples of the time that sse-proto's borrowed events take; \
                 its owned events come from EventStream";
    text(&mut frame, LEFT, 42.0, "start", "", about);
    for (nth, (_, title)) in PANELS.iter().enumerate() {
        text(&mut frame, left(nth), TOP - 20.0, "start", "group", title);
        for multiple in 0..=SPAN as u32 {
            let x = left(nth) + f64::from(multiple) / SPAN * WIDTH;
            let (top, bottom) = (TOP + 6.0, height - 8.0);
            writeln!(frame, r#"<line x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>"#).unwrap();
            if multiple % 2 == 0 {
                text(&mut frame, x, TOP, "middle", "", &format!("{multiple}×"));
            }
        }
    }
    frame
}

/// One bar with its time after it.
fn bar(out: &mut String, left: f64, y: f64, style: &Style<'_>, time: Option<f64>, unit: f64) {
    let baseline = y + BAR - 2.0;
    let Some(time) = time else {
        text(out, left + 6.0, baseline, "start", "", "reads this stream wrongly");
        return;
    };
    let multiple = time / unit;
    let width = multiple.min(SPAN) / SPAN * WIDTH;
    let colour = style.colour;
    writeln!(
        out,
        r#"<rect x="{left}" y="{y}" width="{width:.1}" height="{BAR}" rx="2" fill="{colour}"/>"#
    )
    .unwrap();
    let mut label = format!("{time:.0} ns");
    if multiple > SPAN {
        write!(label, " ({multiple:.0}×) ▸").unwrap();
    }
    text(out, left + width + 6.0, baseline, "start", &style.class, &label);
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

/// The time by which all bars of a group are divided.
fn unit(row: &Row) -> f64 {
    let found = row.cells.iter().find(|(name, ..)| *name == OURS[0].0);
    found.and_then(|(.., time)| time.as_ref().ok().copied()).unwrap_or(f64::NAN)
}
