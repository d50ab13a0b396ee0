//! Squid's own form of an access log: `TIME DURATION CLIENT RESULT/STATUS BYTES METHOD URL USER HIERARCHY/PEER TYPE`.

use chrono::{DateTime, SecondsFormat};

use super::tell;
use crate::decode::{
    cut::{around, is_number},
    object::Object,
};

/// What a line tells; a dash there tells nothing.
pub(super) struct Entry<'a> {
    time: String,
    duration: &'a [u8],
    /// Result, status, hierarchy and peer.
    codes: [&'a [u8]; 4],
    words: [&'a [u8]; 6],
}

impl<'a> Entry<'a> {
    /// Takes a line apart.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        const SECONDS: usize = 10;
        const TIME: usize = SECONDS + ".123".len();
        // Before all else, what few other lines have.
        if line.get(SECONDS) != Some(&b'.') || line.get(TIME) != Some(&b' ') {
            return None;
        }
        let (time, rest) = line.split_at(TIME);
        let (seconds, millis) = around(time, b".")?;
        if !is_number(seconds) || !is_number(millis) {
            return None;
        }
        let digits = [seconds, millis].concat();
        let time = DateTime::from_timestamp_millis(str::from_utf8(&digits).ok()?.parse().ok()?)?;
        let words = rest
            .split(|&byte| byte == b' ')
            .filter(|word| !word.is_empty());
        let words: Vec<_> = words.collect();
        let [
            duration,
            client,
            result,
            bytes,
            method,
            url,
            user,
            hierarchy,
            kind,
        ] = words[..]
        else {
            return None;
        };
        let (result, status) = around(result, b"/")?;
        let (hierarchy, peer) = around(hierarchy, b"/")?;
        let is_told = [duration, status, bytes].into_iter().all(is_number);
        is_told.then(|| Self {
            time: time.to_rfc3339_opts(SecondsFormat::Millis, true),
            duration,
            codes: [result, status, hierarchy, peer],
            words: [client, method, url, user, bytes, kind],
        })
    }

    /// Writes what it tells.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        let [result, status, hierarchy, peer] = self.codes;
        let [client, method, url, user, bytes, kind] = self.words;
        object.text(b"time", self.time.as_bytes());
        tell(object, b"client", Some(client));
        tell(object, b"user", Some(user));
        tell(object, b"method", Some(method));
        tell(object, b"path", Some(url));
        // Of a request that has come to nothing it is 000.
        object.bare(b"status", status);
        object.bare(b"bytes", bytes);
        object.bare(b"duration_ms", self.duration);
        tell(object, b"result", Some(result));
        tell(object, b"hierarchy", Some(hierarchy));
        tell(object, b"peer", Some(peer));
        tell(object, b"content_type", Some(kind));
    }
}
