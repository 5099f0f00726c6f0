//! A server whose buffer is too small for what its clients miss.

use sse_proto::client::{Connection, Policy};
use sse_proto::header::LAST_EVENT_ID;
use sse_proto::server::{Epoch, ReplayBuffer, Since};
use sse_proto::{Chunk, Decoder, EventEncoder};

use super::cuts_wanted;

/// The buffer is too small, and the server is restarted now and then. If it cannot replay, it sends
/// a `snapshot` that names the newest event.
#[test]
fn a_small_buffer_gives_every_event_or_a_snapshot() {
    let mut decoder = Decoder::new();
    let mut connection = Connection::new(Policy::new());
    let mut buffer = ReplayBuffer::new(Epoch::new(0)).max_events(3);
    let (mut pushed, mut newest_seen) = (0_usize, 0_usize);
    let (mut in_order, mut snapshots) = (0, [0; 2]);
    for cut in 0..cuts_wanted() / 10 {
        let headers = connection.request(&mut decoder).unwrap();
        let last_event_id = headers
            .filter(|(name, _)| *name == LAST_EVENT_ID)
            .map(|(_, id)| id.to_owned())
            .next()
            .unwrap_or_default();
        connection.response(200, Some("text/event-stream")).unwrap();
        let mut body = Vec::new();
        let since = buffer.since(Some(&last_event_id));
        match since {
            Since::Events(events) => events.for_each(|event| body.extend_from_slice(&event)),
            Since::NothingNew => {}
            ref other => {
                snapshots[usize::from(matches!(other, Since::Gone))] += 1;
                let id = buffer.last_event_id();
                let snapshot = EventEncoder::new().event_type("snapshot").id(&id);
                snapshot.encode(&pushed.to_string(), &mut body).unwrap();
            }
        }
        // While this client reads, 0 to 4 more events are pushed.
        let missed = cut / 7 % 5;
        for _ in 0..missed {
            pushed += 1;
            let encoded = buffer.push(EventEncoder::new(), &pushed.to_string()).unwrap();
            body.extend_from_slice(&encoded);
        }
        let mut chunk = Chunk::new(&body[..(cut % 97).min(body.len())]);
        while let Some(event) = decoder.next_event(&mut chunk).unwrap() {
            let n: usize = event.data().parse().unwrap();
            if event.event_type() == "snapshot" {
                assert!(n >= newest_seen, "a snapshot of {n} after event {newest_seen}");
            } else {
                assert_eq!(n, newest_seen + 1, "events are missing or twice, unsaid");
                in_order += 1;
            }
            newest_seen = n;
        }
        connection.disconnected(&decoder, 0).unwrap();
        if cut % 501 == 500 {
            buffer = ReplayBuffer::new(Epoch::new(cut as u128)).max_events(3);
        }
    }
    println!(
        "{in_order} events in order, {snapshots:?} snapshots for unknown IDs and for gone ones"
    );
    assert!(in_order > 100 && snapshots.into_iter().all(|count| count > 5));
}
