//! The shapes of blocks that someone, somewhere got wrong.

use crate::cases::Case;

#[rustfmt::skip]
const DATA: &[&str] = &[
    "x", "", "\n", "\n\n", "a\nb", "a\rb", "a\r\nb", "a\n\rb", "a\r\r\nb", "\na", "\ra", "a\n", "a\r",
    "a\r\n", "a\n\nb", " x", "  x", "\tx", "x ", ":", ": x", ":x", "data: x", "x\ndata: y",
    "x\rid: 9\revent: no", "x\n\nevent: no\ndata: forged", "retry: 1", "\0", "a\0b", "\u{FEFF}x", "x\u{FEFF}",
    "\u{85}", "\u{2028}", "a\u{2028}b\u{2029}c", "\u{B}\u{C}", "\u{1B}[0m", "\u{7F}", "é", "한국어\n中文", "🦀",
    "👩‍👩‍👧", "\u{10FFFF}", "\u{FFFD}", "[DONE]", r#"{"choices":[{"delta":{"content":"\n"}}]}"#, "null",
    "undefined", "--", "\\n", "%0A",
];

#[rustfmt::skip]
const TYPES: &[&str] = &[
    "message", "", "token", "error", " token", "token ", "한국어", "🦀", ":", "a: b", "data", "\u{FEFF}", "a\0b",
    "a\tb",
];

#[rustfmt::skip]
const IDS: &[&str] = &[
    "7", "", "0", " 7", "7 ", "\t7", "한글-é-🦀", ":", "a: b", r#"[{"topic":"x","offset":-1}]"#, "\u{FEFF}",
    "\u{2028}", "%F0", "a\tb",
];

pub fn shapes() -> Vec<Case> {
    let mut cases: Vec<_> = DATA.iter().map(|data| Case::data(*data)).collect();
    for event_type in TYPES {
        cases.push(Case { event_type: Some((*event_type).into()), ..Case::data("typed") });
        cases.push(Case::data("not typed"));
    }
    for id in IDS {
        cases.push(Case { id: Some((*id).into()), ..Case::data("with ID") });
        cases.push(Case::data("without"));
        cases.push(Case { event_type: Some("token".into()), ..Case::data("") });
    }
    let comment = |text: &str| Some(text.to_owned());
    cases.extend([
        Case { comment: comment("keep-alive"), ..Case::default() },
        Case { comment: comment(""), ..Case::default() },
        Case { comment: comment(" x"), ..Case::data("after a comment") },
        Case { comment: comment("data: no\rdata: no\n\ndata: no"), ..Case::data("yes") },
        Case { id: Some("only".into()), ..Case::default() },
        Case::data("after a block with only an ID"),
        Case { id: Some(String::new()), ..Case::default() },
        Case { event_type: Some("token".into()), ..Case::default() },
        Case::data("after a block with only a type"),
        Case { retry: Some(4000), ..Case::default() },
        Case { retry: Some(5000), ..Case::data("with retry") },
        Case {
            comment: comment("all"),
            id: Some("8".into()),
            event_type: Some("token".into()),
            retry: Some(3000),
            data: Some("of\nthem".into()),
        },
        Case::data("x".repeat(1 << 20)),
        Case::data("한".repeat(50_000)),
        Case::data("line of some length\n".repeat(500)),
        Case::data("\n".repeat(500)),
    ]);
    cases
}
