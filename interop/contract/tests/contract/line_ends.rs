//! The suite's "linefeeds": each line end × shape of events × cut of the stream.

use serde_json::json;

use super::driver::Service;

const LINE_ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// The lines of a stream, and the data of its events.
const SHAPES: [(&[&str], &[&str]); 6] = [
    (&["data: event 1", ""], &["event 1"]),
    (
        &["data: event 1", "", "data: event 2 line 1", "data: event 2 line 2", ""],
        &["event 1", "event 2 line 1\nevent 2 line 2"],
    ),
    (&["data:", "data: line2", "data: line3", ""], &["\nline2\nline3"]),
    (&["data: line1", "data:", "data: line3", ""], &["line1\n\nline3"]),
    (&["data: event 1", "", "", "data: event 2", ""], &["event 1", "event 2"]),
    (&["data: event 1", "", "", "", "data: event 2", ""], &["event 1", "event 2"]),
];

/// The length of the pieces.
const CUTS: [usize; 3] = [usize::MAX, 1, 2];

#[tokio::test]
async fn every_line_end_is_read_in_every_shape_and_at_every_cut() {
    let service = Service::start().await;
    for line_end in LINE_ENDS {
        for (lines, events) in SHAPES {
            for size in CUTS {
                let text: String = lines.iter().flat_map(|line| [line, line_end]).collect();
                println!("{text:?} in pieces of {size}");
                let (_server, mut stream, mut client) = service.connect(json!({})).await;
                stream.send_in_pieces(&text, size).await;
                for data in events {
                    client.event(data, "").await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_line_feed_belongs_to_the_carriage_return_of_the_chunk_before() {
    let service = Service::start().await;
    let (_server, mut stream, mut client) = service.connect(json!({})).await;
    for piece in ["data: Hello\r", "\ndata: World\r", "\n\r\ndata: OK\r", "\n", "\r", "\n"] {
        stream.send(piece).await;
    }
    client.event("Hello\nWorld", "").await;
    client.event("OK", "").await;
}
