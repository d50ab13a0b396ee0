//! Datagrams that the system dropped because nobody took them in time: it counts them for each
//! socket, and tells in a table of its own (proc(5), `/proc/net/udp`).

use std::os::fd::BorrowedFd;

use rustix::fs::fstat;

/// How many datagrams the system has dropped that were meant for a socket; `None` where it
/// does not tell.
pub(super) fn dropped(socket: BorrowedFd<'_>) -> Option<u64> {
    let inode = fstat(socket).ok()?.st_ino.to_string();
    ["/proc/self/net/udp", "/proc/self/net/udp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| find(&table, &inode))
}

/// The last column of the socket's line; its inode is the tenth.
fn find(table: &str, inode: &str) -> Option<u64> {
    let lines = table.lines().skip(1);
    let mut columns = lines.map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
    let line = columns.find(|line| line.get(9) == Some(&inode))?;
    line.get(12)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_socket_is_found() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
             77: 0100007F:1B5E 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 3\n  \
             78: 0100007F:1B5F 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 0\n";
        assert_eq!(find(table, "4711"), Some(3));
        assert_eq!(find(table, "4712"), Some(0));
        assert_eq!(find(table, "1"), None);
    }
}
