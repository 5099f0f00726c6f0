//! The store of a server that is alone: a file that is an event stream itself.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};
use std::{io, io::Write, path::PathBuf};

use sse_proto::{Chunk, Decoder, Frame};
use tokio::{sync::watch::Sender, time::Instant};

use crate::feed::{Feed, Notification, order};
use crate::{Error, web::Store};

/// Beyond this many bytes the file is written anew, with only the events that are kept.
const MAX_LENGTH: u64 = 256 << 20;

pub struct Log {
    path: PathBuf,
    file: File,
    /// Two servers on one log would give the same ID to different events.
    _lock: File,
}

impl Log {
    /// Reads the log back. An event that was cut off has no blank line, so the decoder leaves
    /// it out, and the file that is written anew does not have it.
    pub fn open(path: PathBuf, keep: usize) -> Result<(Store, Sender<Feed>), Error> {
        let mut feed = Feed::new(keep);
        let lock = File::create(path.with_extension("lock"))?;
        lock.try_lock().map_err(|_| "another server writes this log")?;
        let bytes = if path.exists() { fs::read(&path)? } else { Vec::new() };
        let (mut decoder, mut chunk, mut user) = (Decoder::new(), Chunk::new(&bytes), None);
        while let Some(frame) = decoder.next_frame(&mut chunk)? {
            match frame {
                Frame::Comment(name) => user = Some(name.to_owned()),
                Frame::Event(event) => {
                    let (event_type, message) = (event.event_type().into(), event.data().into());
                    let notification = Notification { event_type, message, user: user.take() };
                    feed.push(event.last_event_id(), &notification)?;
                }
                _ => {}
            }
        }
        if feed.buffer.events().len() == 0 && !bytes.is_empty() {
            return Err("this file is not a log of this program".into());
        }
        // Nobody else writes, so it stays complete.
        feed.complete = Some(Instant::now() + Duration::from_secs(u32::MAX.into()));
        let file = write_anew(&path, &feed)?;
        let (mut log, feed) = (Log { path, file, _lock: lock }, Sender::new(feed));
        if bytes.is_empty() {
            log.append(&Notification::start(), &feed)?;
        }
        Ok((Store::Log(log.into()), feed))
    }

    /// Writes an event before anyone sees it: it must be there after a restart. After an
    /// error, such as a full disk, the file is as it was, and the event is nobody's.
    ///
    /// This outlives the end of the program. To outlive the end of the machine as well, it
    /// would take `sync_data` for each event.
    pub fn append(&mut self, event: &Notification, feed: &Sender<Feed>) -> Result<String, Error> {
        let length = self.file.metadata()?.len();
        if length > MAX_LENGTH {
            self.file = write_anew(&self.path, &feed.borrow())?;
            return self.append(event, feed);
        }
        let last = order(&feed.borrow().buffer.last_event_id()).map_or(0, |(time, _)| time);
        let now = SystemTime::UNIX_EPOCH.elapsed()?.as_millis() as u64;
        let id = format!("{}-0", now.max(last + 1));
        let encoded = event.encoder(&id).to_bytes(&event.message)?;
        if let Err(error) = self.file.write_all(&encoded) {
            self.file.set_len(length)?;
            return Err(error.into());
        }
        feed.send_modify(|feed| feed.push(&id, event).expect("it was encoded already"));
        Ok(id)
    }
}

fn write_anew(path: &PathBuf, feed: &Feed) -> io::Result<File> {
    // Under another name first: at each moment there is one whole log.
    let new = path.with_extension("new");
    fs::write(&new, feed.buffer.events().flatten().collect::<Vec<_>>())?;
    let file = File::options().append(true).open(&new)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok(file)
}
