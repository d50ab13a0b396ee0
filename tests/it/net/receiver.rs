//! A receiver of requests over HTTP that answers as a test wants.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::support::DEADLINE;

/// A request as it has come.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) path: String,
    pub(super) content_type: String,
    pub(super) is_compressed: bool,
    /// Not compressed any more.
    pub(super) body: Vec<u8>,
}

/// Status, other fields of the head, and body.
pub(super) type Answer = (u16, &'static str, String);

/// A receiver that answers as a test wants.
pub(super) struct Receiver {
    address: SocketAddr,
    posts: Arc<Mutex<Vec<Post>>>,
    over: Arc<AtomicBool>,
}

impl Receiver {
    /// `answer` gets the number of a request, and the request.
    pub(super) fn new(answer: impl Fn(usize, &Post) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let receiver = Self {
            address: listener.local_addr().expect("an address"),
            posts: Arc::default(),
            over: Arc::default(),
        };
        let (posts, over) = (Arc::clone(&receiver.posts), Arc::clone(&receiver.over));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                stream.set_read_timeout(Some(DEADLINE)).expect("a socket");
                let mut reader = BufReader::new(stream);
                while let Some(post) = read(&mut reader) {
                    let mut posts = posts.lock().expect("a lock");
                    let (status, head, body) = answer(posts.len(), &post);
                    posts.push(post);
                    drop(posts);
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status} X\r\n{head}Content-Length: {length}\r\n\r\n{body}"
                    );
                    if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            }
        });
        receiver
    }

    pub(super) fn posts(&self) -> Vec<Post> {
        self.posts.lock().expect("a lock").clone()
    }

    pub(super) fn endpoint(&self) -> String {
        format!("otlp+http://{}", self.address)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

/// The next request of a connection.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Post> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|&count| count > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut post = Post {
        path,
        content_type: String::new(),
        is_compressed: false,
        body: Vec::new(),
    };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a number"),
            "content-type" => value.clone_into(&mut post.content_type),
            "content-encoding" => post.is_compressed = value == "gzip",
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if post.is_compressed {
        let mut plain = flate2::read::GzDecoder::new(&body[..]);
        plain.read_to_end(&mut post.body).expect("gzip");
    } else {
        post.body = body;
    }
    Some(post)
}
