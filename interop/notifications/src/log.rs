//! The events of a server that is alone: a file that is an event stream itself.

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::PathBuf;

use sse_proto::server::{Epoch, ReplayBuffer};
use sse_proto::{Chunk, Decoder, EventEncoder, Frame};

use crate::notification::Notification;

/// The file is written anew, with only the events that are kept, beyond this many bytes.
const MAX_LENGTH: u64 = 256 << 20;

pub struct Log {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Log {
    /// Reads the log back into a buffer, which has the IDs that it had before the restart.
    /// An event that was cut off has no blank line, so the decoder leaves it out, and the
    /// file that is written anew does not have it.
    pub fn open(path: PathBuf, keep: usize) -> Result<(Self, ReplayBuffer), Box<dyn Error>> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        // Two servers on one log would give the same ID to different events.
        file.try_lock().map_err(|_| "another server writes this log")?;
        let bytes = fs::read(&path)?;
        let (mut decoder, mut chunk) = (Decoder::new(), Chunk::new(&bytes));
        let (epoch, place) = match decoder.next_frame(&mut chunk)? {
            Some(Frame::Id(id)) => Epoch::of_id(id).ok_or("the log is of another program")?,
            None => (random_epoch(), 0),
            Some(_) => return Err("this file is not a log of this program".into()),
        };
        let mut buffer = ReplayBuffer::resume(epoch, place).max_events(keep).max_bytes(64 << 20);
        let mut user = None;
        while let Some(frame) = decoder.next_frame(&mut chunk)? {
            match frame {
                Frame::Comment(name) => user = Some(name.to_owned()),
                Frame::Event(event) => {
                    let event_type = event.event_type().to_owned();
                    let message = event.data().to_owned();
                    let event = Notification { event_type, message, user: user.take() };
                    buffer.push(event.encoder(), &event.message)?;
                }
                _ => {}
            }
        }
        let mut log = Log { path, file, length: 0 };
        log.write_anew(&buffer)?;
        Ok((log, buffer))
    }

    /// Writes an event before anyone sees it: it must be there after a restart. After an
    /// error, such as a full disk, the file is as it was, and the event is nobody's.
    ///
    /// This outlives the end of the program. To outlive the end of the machine as well, it
    /// would take `sync_data` for each event.
    pub fn append(
        &mut self,
        event: &Notification,
        buffer: &mut ReplayBuffer,
    ) -> io::Result<String> {
        let (epoch, place) = Epoch::of_id(&buffer.last_event_id()).expect("it was minted");
        let id = format!("{epoch}-{}", place + 1);
        let encoded = event.encode(&id).map_err(io::Error::other)?;
        if let Err(error) = self.file.write_all(&encoded) {
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += encoded.len() as u64;
        buffer.push(event.encoder(), &event.message).map_err(io::Error::other)?;
        if self.length > MAX_LENGTH {
            self.write_anew(buffer)?;
        }
        Ok(id)
    }

    /// Begins with the place before the first event, so that the file says where it starts.
    fn write_anew(&mut self, buffer: &ReplayBuffer) -> io::Result<()> {
        let (epoch, end) = Epoch::of_id(&buffer.last_event_id()).expect("it was minted");
        let start = format!("{epoch}-{}", end - buffer.events().len() as u64);
        let mut bytes = Vec::new();
        EventEncoder::new().id(&start).encode_fields(&mut bytes).map_err(io::Error::other)?;
        bytes.extend(buffer.events().flatten());
        // Under another name first: at each moment there is one whole log.
        let new = self.path.with_extension("new");
        let mut file = OpenOptions::new().append(true).create(true).open(&new)?;
        file.set_len(0)?;
        file.lock()?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        (self.file, self.length) = (file, bytes.len() as u64);
        Ok(())
    }
}

/// Random bits: no other log has the same epoch.
pub fn random_epoch() -> Epoch {
    let random = RandomState::new();
    let [high, low] = [0, 1].map(|half| u128::from(random.hash_one(half)));
    Epoch::new(high << 64 | low)
}
