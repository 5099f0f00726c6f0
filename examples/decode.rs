//! Reads an event stream on standard input and prints one JSON object a line.
//!
//! ```text
//! curl -sN https://example.com/stream | cargo run -q --example decode -- --all
//! ```

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::process::ExitCode;

use sse_proto::{Chunk, Decoder, Event, Frame};

const USAGE: &str = "\
Reads an event stream (text/event-stream) on standard input and prints one JSON
object a line: {\"type\":…,\"data\":…,\"lastEventId\":…}

usage: decode [OPTIONS] < STREAM

  --all               also print {\"comment\":…}, {\"retry\":ms} and {\"id\":…}, and add
                      \"id\" to an event whose block set one (`encode` reads all that)
  --state             end with {\"lastEventId\":…,\"reconnectionTime\":ms or null}
  --last-event-id ID  start from this last event ID
  --max-event-size N  the largest event, in bytes (67108864; at most 268435456)
  --chunk N           give the decoder at most N bytes at a time
  --sample            decode a short sample instead, with --all
  --help

Exit status: 0; 1 if part of the input was dropped, if there was no event or if a
read or write failed (standard error says which); 2 for bad arguments.
";

const SAMPLE: &[u8] = b"\
: a comment
retry: 2500

event: token
id: 1
data: Hello,

data: an event
data: of two lines

id: 2

";

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into());
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(message) => {
            say(format_args!("{message}; try decode --help"));
            return ExitCode::from(2);
        }
    };
    let result = match options.help {
        true => io::stdout().write_all(USAGE.as_bytes()).map(|()| true),
        false => decode(&options),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of the output has closed it, as `head` does: it has what it wanted.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            say(error);
            ExitCode::FAILURE
        }
    }
}

/// Decodes all of the input. Returns whether nothing was dropped.
fn decode(options: &Options) -> io::Result<bool> {
    let mut input: Box<dyn Read> = match options.sample {
        true => Box::new(SAMPLE),
        false => Box::new(io::stdin().lock()),
    };
    let out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer { out, all: options.all, printed: false, complete: true };
    let mut decoder = Decoder::builder()
        .max_event_size(options.max_event_size)
        .last_event_id(&options.last_event_id)
        .build();

    let mut buffer = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        // The next read may wait long, so the events so far go out first.
        printer.out.flush()?;
        let read = match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        total += read;
        for bytes in buffer[..read].chunks(options.chunk) {
            read_chunk(&mut decoder, bytes, &mut printer)?;
        }
    }

    if decoder.is_mid_event() {
        printer.drop("the input ended within a line or an event, which is dropped")?;
    }
    if !printer.printed {
        printer.drop(format_args!(
            "no event in {total} bytes. Is it an event stream? Does a blank line end each event?"
        ))?;
    }
    if options.state {
        printer.state(&decoder)?;
    }
    printer.out.flush()?;
    Ok(printer.complete)
}

/// Decodes one chunk. It continues after an event that is too large, so it has a `match` where
/// other programs have a `?`.
fn read_chunk(
    decoder: &mut Decoder,
    bytes: &[u8],
    printer: &mut Printer<impl Write>,
) -> io::Result<()> {
    let mut chunk = Chunk::new(bytes);
    loop {
        let frame = match printer.all {
            true => decoder.next_frame(&mut chunk),
            false => decoder.next_event(&mut chunk).map(|event| event.map(Frame::Event)),
        };
        match frame {
            Ok(Some(frame)) => printer.frame(frame)?,
            Ok(None) => return Ok(()),
            Err(too_large) => printer.drop(format_args!("{too_large}, and is dropped"))?,
        }
    }
}

/// Prints one JSON object a line.
struct Printer<W> {
    out: W,
    all: bool,
    /// Whether the input had anything to print.
    printed: bool,
    /// Whether nothing was dropped.
    complete: bool,
}

impl<W: Write> Printer<W> {
    fn frame(&mut self, frame: Frame<'_>) -> io::Result<()> {
        self.printed = true;
        match frame {
            Frame::Event(event) => self.event(event),
            Frame::Comment(text) => writeln!(self.out, "{{\"comment\":{}}}", json(text)),
            Frame::Retry(time) => writeln!(self.out, "{{\"retry\":{}}}", time.as_millis()),
            Frame::Id(id) => writeln!(self.out, "{{\"id\":{}}}", json(id)),
            // `Frame` may grow.
            other => self.drop(format_args!("{other:?} is dropped")),
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

    fn state(&mut self, decoder: &Decoder) -> io::Result<()> {
        let time = decoder.reconnection_time().map(|time| time.as_millis() as u64);
        let (id, time) = (json(decoder.last_event_id()), serde_json::Value::from(time));
        writeln!(self.out, "{{\"lastEventId\":{id},\"reconnectionTime\":{time}}}")
    }

    /// Says what was dropped, after what was printed before it.
    fn drop(&mut self, message: impl Display) -> io::Result<()> {
        self.out.flush()?;
        say(message);
        self.complete = false;
        Ok(())
    }
}

fn json(text: &str) -> serde_json::Value {
    text.into()
}

/// Writes to standard error. Nobody can be told if that fails, and `eprintln!` would panic.
fn say(message: impl Display) {
    let _ = writeln!(io::stderr(), "decode: {message}");
}

struct Options {
    help: bool,
    all: bool,
    state: bool,
    sample: bool,
    chunk: usize,
    last_event_id: String,
    max_event_size: usize,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options {
            help: false,
            all: false,
            state: false,
            sample: false,
            chunk: usize::MAX,
            last_event_id: String::new(),
            max_event_size: sse_proto::DEFAULT_MAX_EVENT_SIZE,
        };
        while let Some(argument) = arguments.next() {
            let (name, mut value) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            let mut take_value = || {
                // The next argument is no value if it is an option. After `=` anything is a value.
                let next = || arguments.next().filter(|next| !next.starts_with("--"));
                let value = value.take().or_else(next);
                value.ok_or_else(|| format!("{name} takes a value"))
            };
            match name {
                "--help" | "-h" => options.help = true,
                "--all" => options.all = true,
                "--state" => options.state = true,
                "--sample" => options.sample = true,
                "--chunk" => match number(name, &take_value()?)? {
                    0 => return Err("--chunk takes at least 1".into()),
                    bytes => options.chunk = bytes,
                },
                "--last-event-id" => options.last_event_id = take_value()?,
                "--max-event-size" => options.max_event_size = number(name, &take_value()?)?,
                _ if name.starts_with('-') => return Err(format!("there is no option {name}")),
                _ => {
                    return Err(format!(
                        "{argument:?} is not an option; the stream is read from standard input"
                    ));
                }
            }
            if value.is_some() {
                return Err(format!("{name} takes no value"));
            }
        }
        if !options.sample && !options.help && io::stdin().is_terminal() {
            say("standard input is a terminal, so this is the sample; see decode --help");
            options.sample = true;
        }
        options.all |= options.sample;
        Ok(options)
    }
}

fn number(name: &str, text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{name} takes a number of bytes, not {text:?}"))
}
