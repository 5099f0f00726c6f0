//! The store of a server that is alone: a file that is an event stream itself.

use std::{fs, fs::File, io::Write, path::PathBuf, time::Duration, time::SystemTime};

use anyhow::{Context, Result};
use tokio::{sync::watch::Sender, time::Instant};

use crate::feed::{Feed, Notification, order};
use crate::web::Store;

/// Beyond this many bytes a new file is begun. It is more than the events that are kept have,
/// so all of these are in the new file and the one before it.
const MAX_LENGTH: u64 = 128 << 20;

pub struct Log {
    path: PathBuf,
    /// Up to here the file has whole events.
    length: u64,
    /// Two servers on one log would give the same ID to different events.
    _lock: File,
}

impl Log {
    /// Reads the log back, the file before this one first. An event that was cut off is left out.
    pub fn open(path: PathBuf, keep: usize) -> Result<(Store, Sender<Feed>)> {
        let lock = path.with_added_extension("lock");
        let lock = File::create(&lock).with_context(|| lock.display().to_string())?;
        lock.try_lock().context("another server writes this log")?;
        // If the server was killed after it had renamed the file, there is only the old one.
        File::options().create(true).append(true).open(&path)?;
        let (mut feed, mut length) = (Feed::new(keep), 0);
        for path in
            [path.with_added_extension("old"), path.clone()].iter().filter(|path| path.exists())
        {
            let read = feed.buffer.read_log(&fs::read(path)?);
            length = read.with_context(|| format!("{path:?} is not a log"))? as u64;
        }
        // Nobody else writes, so it stays complete.
        feed.complete = Instant::now().checked_add(Duration::from_secs(1 << 32));
        Ok((Store::Log(Log { path, length, _lock: lock }.into()), Sender::new(feed)))
    }

    /// Writes an event before anyone sees it: it must be there after a restart.
    ///
    /// This outlives the end of the program. To outlive the end of the machine as well, it
    /// would take `sync_data` for each event.
    pub fn append(&mut self, event: &Notification, feed: &Sender<Feed>) -> Result<String> {
        let (last, _) = order(&feed.borrow().buffer.last_event_id()).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH.elapsed()?.as_millis() as u64;
        let id = format!("{}-0", now.max(last + 1));
        let encoded = event.encoder(&id).to_bytes(&event.message)?;
        if self.length > MAX_LENGTH {
            fs::rename(&self.path, self.path.with_added_extension("old"))?;
            self.length = 0;
        }
        let mut file = File::options().create(true).append(true).open(&self.path)?;
        // A kill or a full disk may have left a part of an event there, which nobody has seen.
        file.set_len(self.length.min(file.metadata()?.len()))?;
        file.write_all(&encoded)?;
        self.length += encoded.len() as u64;
        feed.send_modify(|feed| _ = feed.buffer.read_log(&encoded).expect("it is an event"));
        Ok(id)
    }
}
