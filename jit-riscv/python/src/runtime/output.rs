//! Standard streams and open files. Output is buffered; the standard streams are flushed at exit, stdout also before anything goes
//! to stderr.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};

/// Index of the standard streams.
pub const STDIN: usize = 0;
pub const STDOUT: usize = 1;
pub const STDERR: usize = 2;

/// Bytes of output that are kept back.
const BUFFER: usize = 64 << 10;

enum Channel {
    Stdin,
    Stdout,
    Stderr,
    File(File),
    Closed,
}

struct Stream {
    channel: Channel,
    /// Output that has not been written, or input that has not been taken from `at` on.
    buffer: Vec<u8>,
    at: usize,
    /// The input is at its end.
    ended: bool,
    /// Flush after every line.
    lines: bool,
}

/// See the module.
pub struct Files {
    streams: Vec<Stream>,
}

impl Stream {
    fn new(channel: Channel, lines: bool) -> Stream {
        Stream { channel, buffer: Vec::new(), at: 0, ended: false, lines }
    }

    fn write_out(&mut self) -> io::Result<()> {
        let result = match &mut self.channel {
            Channel::Stdout => raw_write(1, &self.buffer),
            Channel::Stderr => raw_write(2, &self.buffer),
            Channel::File(file) => file.write_all(&self.buffer),
            Channel::Stdin | Channel::Closed => Ok(()),
        };
        self.buffer.clear();
        result
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let mut chunk = [0; 8192];
        let n = match &mut self.channel {
            Channel::Stdin => io::stdin().read(&mut chunk)?,
            Channel::File(file) => file.read(&mut chunk)?,
            _ => 0,
        };
        self.ended = n == 0;
        self.buffer.extend_from_slice(&chunk[..n]);
        Ok(())
    }
}

/// Writes without the standard library's own buffering.
fn raw_write(fd: i32, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    use std::os::fd::FromRawFd;
    // SAFETY: the standard streams are open or writing to them fails; ManuallyDrop keeps them open.
    let mut file = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    file.write_all(bytes)
}

impl Default for Files {
    fn default() -> Files {
        Files::new()
    }
}

impl Files {
    pub fn new() -> Files {
        let terminal = io::stdout().is_terminal();
        Files {
            streams: vec![
                Stream::new(Channel::Stdin, false),
                Stream::new(Channel::Stdout, terminal),
                Stream::new(Channel::Stderr, true),
            ],
        }
    }

    /// Adds an open file; gives its index.
    pub fn add(&mut self, file: File) -> usize {
        self.streams.push(Stream::new(Channel::File(file), false));
        self.streams.len() - 1
    }

    pub fn is_open(&self, index: usize) -> bool {
        !matches!(self.streams[index].channel, Channel::Closed)
    }

    /// # Errors
    /// The host's, of a write.
    #[inline]
    pub fn write(&mut self, index: usize, bytes: &[u8]) -> io::Result<()> {
        if index == STDERR {
            self.streams[STDOUT].write_out()?;
        }
        let stream = &mut self.streams[index];
        stream.buffer.extend_from_slice(bytes);
        if stream.buffer.len() >= BUFFER || stream.lines && bytes.contains(&b'\n') {
            stream.write_out()?;
        }
        Ok(())
    }

    /// # Errors
    /// The host's, of a write.
    pub fn flush(&mut self, index: usize) -> io::Result<()> {
        self.streams[index].write_out()
    }

    /// Writes what is buffered anywhere.
    ///
    /// # Errors
    /// The first of the host's.
    pub fn flush_all(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        for stream in self.streams.iter_mut().skip(1) {
            if stream.at == 0 && !stream.ended && !stream.buffer.is_empty() {
                result = result.and(stream.write_out());
            }
        }
        result
    }

    /// # Errors
    /// The host's, of a write.
    pub fn close(&mut self, index: usize) -> io::Result<()> {
        let stream = &mut self.streams[index];
        let result = if stream.at == 0 && !stream.ended { stream.write_out() } else { Ok(()) };
        if index > STDERR {
            stream.channel = Channel::Closed;
        }
        result
    }

    /// Writes to stderr; errors have nowhere to go.
    pub fn error(&mut self, text: &str) {
        let _ = self.write(STDERR, text.as_bytes());
        let _ = self.flush(STDERR);
    }

    /// The next line with its end, empty at the end of the input.
    ///
    /// # Errors
    /// The host's, of a read.
    pub fn read_line(&mut self, index: usize) -> io::Result<Vec<u8>> {
        let stream = &mut self.streams[index];
        loop {
            let rest = &stream.buffer[stream.at..];
            if let Some(n) = rest.iter().position(|b| *b == b'\n') {
                let line = rest[..=n].to_vec();
                stream.at += n + 1;
                return Ok(line);
            }
            if stream.ended {
                let line = rest.to_vec();
                stream.at = stream.buffer.len();
                return Ok(line);
            }
            stream.fill()?;
        }
    }

    /// Everything to the end of the input.
    ///
    /// # Errors
    /// The host's, of a read.
    pub fn read_all(&mut self, index: usize) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let line = self.read_line(index)?;
            if line.is_empty() {
                return Ok(all);
            }
            all.extend_from_slice(&line);
        }
    }
}
