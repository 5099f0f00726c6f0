#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| sse_proto_fuzz::checks::client(input));
