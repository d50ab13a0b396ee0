//! A network that is cut: what is between two programs, and drops connections with what is on
//! its way.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::sockopt::set_socket_linger,
};

use crate::{rng::Rng, support::DEADLINE};

/// Passes connections on to a place, and cuts so many of them in the middle.
pub(crate) struct Cut {
    pub(crate) address: SocketAddr,
    /// How many are still to be cut.
    left: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Cut {
    /// `most` bytes go over a connection before it is cut, or fewer.
    pub(crate) fn new(upstream: SocketAddr, cuts: usize, most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let left = Arc::new(AtomicUsize::new(cuts));
        let over = Arc::new(AtomicBool::new(false));
        let (to_cut, ended) = (Arc::clone(&left), Arc::clone(&over));
        thread::spawn(move || {
            let mut rng = Rng::new(cuts as u64);
            for client in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (to_cut, ended) = (Arc::clone(&to_cut), Arc::clone(&ended));
                let budget = rng.between(1, most);
                thread::spawn(move || pass(client, upstream, budget, &to_cut, &ended));
            }
        });
        Self {
            address,
            left,
            over,
        }
    }

    /// True once all cuts have been made.
    pub(crate) fn is_done(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Cut {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // It waits for another connection.
        drop(TcpStream::connect(self.address));
    }
}

fn pass(
    mut client: TcpStream,
    upstream: SocketAddr,
    budget: usize,
    to_cut: &AtomicUsize,
    ended: &AtomicBool,
) {
    let Ok(mut server) = TcpStream::connect(upstream) else {
        return abort(&client);
    };
    let (mut asks, mut answers, mut passed) = (true, true, 0);
    let mut piece = vec![0; 16 << 10];
    while (asks || answers) && !ended.load(Ordering::Relaxed) {
        let wanted = |open| {
            if open {
                PollFlags::IN
            } else {
                PollFlags::empty()
            }
        };
        let mut fds = [
            PollFd::new(&client, wanted(asks)),
            PollFd::new(&server, wanted(answers)),
        ];
        let moment = Timespec::try_from(Duration::from_millis(100)).expect("a time");
        if poll(&mut fds, Some(&moment)).is_err() {
            continue;
        }
        let seen = [fds[0].revents(), fds[1].revents()];
        let ready = seen.map(|seen| !seen.is_empty());
        let gone = PollFlags::HUP | PollFlags::ERR;
        // Who has said that nothing more comes, and is not there any more, reads nothing either.
        if !asks && seen[0].intersects(gone) || !answers && seen[1].intersects(gone) {
            abort(&client);
            return abort(&server);
        }
        for (number, is_ready) in ready.into_iter().enumerate() {
            let (from, to, open) = if number == 0 {
                (&mut client, &mut server, &mut asks)
            } else {
                (&mut server, &mut client, &mut answers)
            };
            if !is_ready || !*open {
                continue;
            }
            let Ok(count) = from.read(&mut piece) else {
                abort(&client);
                return abort(&server);
            };
            passed += count;
            // What is left of the piece is lost: the sender believes that it has arrived.
            let is_last = passed > budget
                && to_cut
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok();
            let kept = if is_last { count / 2 } else { count };
            let _ = to.set_write_timeout(Some(DEADLINE));
            if to.write_all(&piece[..kept]).is_err() || is_last {
                abort(&client);
                return abort(&server);
            }
            if count == 0 {
                *open = false;
                let _ = to.shutdown(Shutdown::Write);
            }
        }
    }
}

/// Has a socket be reset when it is closed, as by a network that is not there any more.
fn abort(socket: &TcpStream) {
    set_socket_linger(socket, Some(Duration::ZERO)).expect("a socket");
}
