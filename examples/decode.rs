//! Reads an event stream on standard input, prints one JSON object a line.
//!
//! ```text
//! curl -sN https://example.com/stream | cargo run -q --example decode -- --all
//! ```

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use sse_proto::{BytesDecoder, Chunk, Decoder, Event, EventTooLarge, Frame};

const USAGE: &str = "\
Reads an event stream (text/event-stream) on standard input and prints one JSON
object a line: {\"type\":…,\"data\":…,\"lastEventId\":…}

usage: decode [OPTIONS] < STREAM

  --sample            decode a short sample, not standard input
  --all               also print {\"comment\":…}, {\"retry\":ms} and {\"id\":…}, and add
                      \"id\" to an event whose block set one (`encode` reads that)
  --state             end with {\"lastEventId\":…,\"reconnectionTime\":ms or null}
  --chunk N           feed N bytes at a time
  --owned             use the decoder that owns its events
  --last-event-id ID  start from this last event ID
  --max-event-size N  the largest event, in bytes (67108864)
  --help

Exit status: 0, 1 if an event was over the limit or a read failed, 2 for bad arguments.
";

/// What is decoded on request, and at a terminal, where nobody has typed a stream.
const SAMPLE: &[u8] = b"\
: a sample
retry: 2500

event: token
id: 1
data: Hello,

data: an event
data: of two lines

";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            // Whoever does not read it does not need it.
            let _ = io::stdout().write_all(USAGE.as_bytes());
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprint!("decode: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read our output has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("decode: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Decodes all of the input. Returns whether every event was within the limit.
fn run(options: &Options) -> io::Result<bool> {
    let mut input: Box<dyn Read> = if options.sample || io::stdin().is_terminal() {
        Box::new(SAMPLE)
    } else {
        Box::new(io::stdin().lock())
    };
    let mut printer =
        Printer { out: BufWriter::new(io::stdout().lock()), all: options.all, complete: true };
    let mut layer = Layer::new(options);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        printer.out.flush()?;
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        for bytes in buffer[..read].chunks(options.chunk) {
            layer.feed(bytes, &mut printer)?;
        }
    }
    if options.state {
        let (id, time) = layer.state();
        let id = json(id);
        match time {
            Some(time) => writeln!(
                printer.out,
                "{{\"lastEventId\":{id},\"reconnectionTime\":{}}}",
                time.as_millis()
            )?,
            None => writeln!(printer.out, "{{\"lastEventId\":{id},\"reconnectionTime\":null}}")?,
        }
    }
    printer.out.flush()?;
    Ok(printer.complete)
}

/// The two layers of the crate, to choose from.
enum Layer {
    Borrowed(Decoder),
    Owned(BytesDecoder),
}

impl Layer {
    fn new(options: &Options) -> Self {
        let (size, id) = (options.max_event_size, options.last_event_id.as_str());
        if options.owned {
            let builder = BytesDecoder::builder().max_event_size(size).last_event_id(id);
            Layer::Owned(builder.build())
        } else {
            let builder = Decoder::builder().max_event_size(size).last_event_id(id);
            Layer::Borrowed(builder.build())
        }
    }

    /// Feeds a chunk, prints what comes out. Going on behind an event that is too
    /// large takes a `match` on the result, not `?`.
    fn feed(&mut self, bytes: &[u8], printer: &mut Printer<impl Write>) -> io::Result<()> {
        match self {
            Layer::Borrowed(decoder) => {
                let mut chunk = Chunk::new(bytes);
                loop {
                    let frame = if printer.all {
                        decoder.next_frame(&mut chunk)
                    } else {
                        decoder.next_event(&mut chunk).map(|event| event.map(Frame::Event))
                    };
                    match frame {
                        Ok(Some(frame)) => printer.frame(frame)?,
                        Ok(None) => return Ok(()),
                        Err(error) => printer.too_large(error),
                    }
                }
            }
            Layer::Owned(decoder) => {
                decoder.push(bytes.to_vec());
                loop {
                    if printer.all {
                        match decoder.next_frame() {
                            Ok(Some(frame)) => printer.frame(frame.as_frame())?,
                            Ok(None) => return Ok(()),
                            Err(error) => printer.too_large(error),
                        }
                    } else {
                        match decoder.next_event() {
                            Ok(Some(event)) => printer.event(event.as_event())?,
                            Ok(None) => return Ok(()),
                            Err(error) => printer.too_large(error),
                        }
                    }
                }
            }
        }
    }

    fn state(&self) -> (&str, Option<Duration>) {
        match self {
            Layer::Borrowed(decoder) => (decoder.last_event_id(), decoder.reconnection_time()),
            Layer::Owned(decoder) => (decoder.last_event_id(), decoder.reconnection_time()),
        }
    }
}

/// Prints what comes out, one JSON object a line.
struct Printer<W> {
    out: W,
    all: bool,
    /// Whether no event has been over the limit.
    complete: bool,
}

impl<W: Write> Printer<W> {
    fn frame(&mut self, frame: Frame<'_>) -> io::Result<()> {
        match frame {
            Frame::Event(event) => self.event(event),
            Frame::Comment(text) => writeln!(self.out, "{{\"comment\":{}}}", json(text)),
            Frame::Retry(time) => writeln!(self.out, "{{\"retry\":{}}}", time.as_millis()),
            Frame::Id(id) => writeln!(self.out, "{{\"id\":{}}}", json(id)),
            _ => Ok(()),
        }
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        write!(
            self.out,
            "{{\"type\":{},\"data\":{},\"lastEventId\":{}",
            json(event.event_type()),
            json(event.data()),
            json(event.last_event_id()),
        )?;
        if let (true, Some(id)) = (self.all, event.id()) {
            write!(self.out, ",\"id\":{}", json(id))?;
        }
        writeln!(self.out, "}}")
    }

    fn too_large(&mut self, error: EventTooLarge) {
        eprintln!("decode: {error}");
        self.complete = false;
    }
}

fn json(text: &str) -> serde_json::Value {
    text.into()
}

struct Options {
    sample: bool,
    all: bool,
    state: bool,
    owned: bool,
    chunk: usize,
    last_event_id: String,
    max_event_size: usize,
}

impl Options {
    /// `None` means that help was asked for.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Options {
            sample: false,
            all: false,
            state: false,
            owned: false,
            chunk: usize::MAX,
            last_event_id: String::new(),
            max_event_size: sse_proto::DEFAULT_MAX_EVENT_SIZE,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} takes a value"));
            match argument.as_str() {
                "--sample" => options.sample = true,
                "--all" => options.all = true,
                "--state" => options.state = true,
                "--owned" => options.owned = true,
                "--chunk" => match number(&value()?)? {
                    0 => return Err("--chunk takes a number from 1 up".into()),
                    bytes => options.chunk = bytes,
                },
                "--last-event-id" => options.last_event_id = value()?,
                "--max-event-size" => options.max_event_size = number(&value()?)?,
                "--help" | "-h" => return Ok(None),
                _ => {
                    return Err(format!(
                        "unknown argument {argument:?}; a stream comes on standard input"
                    ));
                }
            }
        }
        Ok(Some(options))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number of bytes"))
}
