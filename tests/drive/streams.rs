//! Short streams that together have every kind of line, line end, field and malformed byte.

pub const ALL: &[&[u8]] = &[
    // Usual events, and all four fields.
    b"data: a\n\ndata: b\n\n",
    b": c\nid: 1\nevent: t\nretry: 5\ndata: x\ndata: y\n\ndata\n\n",
    // Line ends, mixed; a byte order mark.
    b"\xEF\xBB\xBFdata: a\r\nevent: t\r\rid\r\n: c\r\n\rdata:b\n\r\r\ndata\r\r",
    b"\xEF\xBB\xBF: c\r\n\xEF\xBB\xBFdata: x\rdata: \xEF\xBB\xBF\r\r\n",
    b"\xEF\xBBdata: a\n\ndata: b\r\r",
    // IDs: alone in their block, replaced, refused, reset, in a block that does not end.
    b"id: 1\n\nid: 2\nid: 3\ndata\n\nid: 4\0\n\nid\n\ndata: x\nid: 5\n",
    // Comments and retry times between, around and after events; refused ones.
    b":\n: long enough a comment\ndata: a\n:b\nretry: 12\n\nretry: 9x\nretry\nretry: 3\n: d",
    // Unknown fields, half names, names and more.
    b"dat: x\ndata\nevent\nevents: x\n data: y\nda:ta\n\nid: 7\nfoo: bar\nData: z\n\n",
    // Empty lines of data, and a type in a block without data.
    b"event: lost\n\ndata\ndata:\ndata: \n\nevent: t\nevent:\ndata: x\r\rdata:  y\n\n",
    // Characters of each length, in each field.
    "data: 안녕 é\nid: 쓰기\nevent: 소식\n: 말\n\ndata: 🦀👩‍👩\r\ndata: e\u{301}\r\n: 🙂\r\n\r\n"
        .as_bytes(),
    // Malformed bytes in every field.
    b"data: \xED\x95\x9C\xF0\x9F\xA6\x80\xED\x95\n\nevent: \xC3\nid: \xF0\x9F\xA6\n\
      data: \x80\xC3\xA9\xFF\n: \xE2\x80\n\n",
    b"data: \xED\xA0\x80\xC0\xAF\xF4\x90\x80\x80\n: \xE0\x80\r\revent: \xF0\x9F\ndata:\x80\xBF\n\n",
    // Blocks of rising size, so that a limit falls between them.
    b"data\n\ndata:1\n\nid:22\ndata:1\n\nevent:e\nid:33\ndata:1\n\ndata:1\ndata:2\ndata:3\n\n\
      data:4\n\n",
    // Blocks of falling size. A field that is replaced or refused still counts.
    b"event: aa\nevent: b\nid: 1\0\nid: 1\ndata: x\r\n\r\nid: 1\nid: 2\r\r: c\ndata: y\n\n\n",
    // A block that does not end.
    b"id: 1\ndata: a\n\nretry: 1\nevent: t\nid: 2\ndata: b\ndata: c",
];
