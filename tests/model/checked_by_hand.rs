//! A few streams whose items, offsets and limits were worked out by hand.

use super::*;

fn message(data: &str) -> Item {
    Item::Event {
        event_type: "message".into(),
        type_field: None,
        data: data.into(),
        id: None,
        last_event_id: String::new(),
    }
}

fn limited(stream: &[u8], max_event_size: usize, frames: bool) -> Vec<(usize, Item)> {
    decode(stream, &Options { max_event_size, frames, ..Options::default() }).items
}

#[test]
fn a_block_in_crlf_is_due_at_its_last_cr() {
    let items = decode(b"data: x\r\n\r\n", &Options::default()).items;
    assert_eq!(items, [(10, message("x"))]);
}

#[test]
fn a_frame_is_due_at_its_line_end() {
    let output = decode(b": c\r\nretry: 5\nid: 7\n\n", &Options::default());
    let retry = Duration::from_millis(5);
    assert_eq!(
        output.items,
        [(4, Item::Comment("c".into())), (14, Item::Retry(retry)), (21, Item::Id("7".into())),]
    );
    assert_eq!((output.last_event_id.as_str(), output.reconnection_time), ("7", Some(retry)));
    assert!(!output.is_mid_event);
}

#[test]
fn a_block_of_nine_counted_bytes_fits_nine_and_not_eight() {
    // "data: xy" is 8 bytes, its line end 1; the blank line is not counted.
    assert_eq!(limited(b"data: xy\n\n", 9, true), [(10, message("xy"))]);
    assert_eq!(limited(b"data: xy\n\n", 8, true), [(9, Item::TooLarge)]);
    // Value by value: 5 at the colon, then one each.
    assert_eq!(limited(b"data: xy\n\n", 7, true), [(8, Item::TooLarge)]);
    assert_eq!(limited(b"data: xy\n\n", 5, true), [(6, Item::TooLarge)]);
    for limit in 0..5 {
        assert_eq!(limited(b"data: xy\n\n", limit, true), [(5, Item::TooLarge)], "{limit}");
        assert_eq!(limited(b"data\n\n", limit, true), [(5, Item::TooLarge)], "{limit}");
    }
    assert_eq!(limited(b"data\n\n", 5, true), [(6, message(""))]);
}
