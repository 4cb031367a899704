//! A small debugger: the client's side of GDB's remote protocol, as much as the tests need.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use crate::common::mj;

/// A program in `mj run -g`, and the connection to it.
pub struct Client {
    child: Option<Child>,
    socket: UnixStream,
}

/// `bytes` as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// What hexadecimal digits say.
pub fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("hex")).collect()
}

/// A little-endian number in hexadecimal digits.
pub fn number(text: &str) -> u64 {
    unhex(text).iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

impl Client {
    /// Starts a program that waits for a debugger at a socket in `dir`, and connects.
    pub fn start(dir: &Path, options: &[&str], program: &Path) -> Client {
        let path = dir.join("socket");
        let child = mj()
            .args(["run", "-g"])
            .arg(&path)
            .args(options)
            .arg(program)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let begin = Instant::now();
        let socket = loop {
            match UnixStream::connect(&path) {
                Ok(socket) => break socket,
                Err(e) => assert!(begin.elapsed() < Duration::from_secs(20), "{}: {e}", path.display()),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        let mut client = Client { child: Some(child), socket };
        let features = client.ask("qSupported:multiprocess+;swbreak+;hwbreak+");
        assert!(features.contains("qXfer:features:read+"), "{features}");
        client
    }

    fn byte(&mut self) -> u8 {
        let mut byte = [0];
        self.socket.read_exact(&mut byte).expect("the target answers");
        byte[0]
    }

    /// Sends a packet.
    pub fn send(&mut self, packet: &str) {
        let sum = packet.bytes().fold(0u8, u8::wrapping_add);
        self.socket.write_all(format!("${packet}#{sum:02x}").as_bytes()).expect("sent");
    }

    /// Sends what a debugger sends at Ctrl-C.
    pub fn interrupt(&mut self) {
        self.socket.write_all(&[3]).expect("sent");
    }

    /// The next packet from the target, with runs and escapes undone.
    pub fn receive(&mut self) -> String {
        while self.byte() != b'$' {}
        let mut text = Vec::new();
        loop {
            match self.byte() {
                b'#' => break,
                b'*' => {
                    let (n, last) = (self.byte() - 29, *text.last().expect("something to repeat"));
                    text.extend(std::iter::repeat_n(last, n.into()));
                }
                b'}' => {
                    let byte = self.byte() ^ 0x20;
                    text.push(byte);
                }
                byte => text.push(byte),
            }
        }
        self.byte();
        self.byte();
        // Nobody may be there any more to hear it.
        let _ = self.socket.write_all(b"+");
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Sends a packet and gives the answer.
    pub fn ask(&mut self, packet: &str) -> String {
        self.send(packet);
        self.receive()
    }

    /// Sends a packet that is answered with OK.
    pub fn tell(&mut self, packet: &str) {
        let answer = self.ask(packet);
        assert_eq!(answer, "OK", "{packet}");
    }

    /// A register by its number.
    pub fn register(&mut self, n: usize) -> u64 {
        number(&self.ask(&format!("p{n:x}")))
    }

    pub fn pc(&mut self) -> u64 {
        self.register(32)
    }

    /// Bytes of memory as a number.
    pub fn memory(&mut self, addr: u64, len: usize) -> u64 {
        number(&self.ask(&format!("m{addr:x},{len:x}")))
    }

    /// All of an object that is read in parts.
    pub fn object(&mut self, name: &str) -> String {
        let mut all = String::new();
        loop {
            let part = self.ask(&format!("qXfer:{name}:{:x},400", all.len()));
            match part.strip_prefix('m') {
                Some(text) => all += text,
                None => return all,
            }
        }
    }

    /// The threads, as the protocol names them.
    pub fn threads(&mut self) -> Vec<String> {
        let list = self.ask("qfThreadInfo");
        list.trim_start_matches('m').split(',').map(str::to_owned).collect()
    }

    /// The connection is lost.
    pub fn hang_up(&mut self) {
        self.socket.shutdown(std::net::Shutdown::Both).expect("open until now");
    }

    /// What became of the program.
    pub fn finish(mut self) -> Output {
        self.child.take().expect("not finished before").wait_with_output().expect("it ends")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
