//! What is read: files that are not there, archives, and lines that are not finished.

use std::io::Read;

use super::{ALL, AT_ONCE, EVERY, gzip, lone, lones, zstd};
use crate::support::{Dir, program};

#[test]
fn the_last_line_needs_no_newline() {
    program("dl-filter")
        .arg("true")
        .stdin("{\"a\":1}\n{\"a\":2}")
        .check("{\"a\":1}\n{\"a\":2}\n", "", 0);
    // Also where another file follows.
    let dir = Dir::new();
    let (a, b) = (dir.file("a", "{\"a\":1}"), dir.file("b", "{\"b\":1}"));
    program("dl-filter")
        .arg("true")
        .arg(a)
        .arg(b)
        .check("{\"a\":1}\n{\"b\":1}\n", "", 0);
}

#[test]
fn no_input_is_success_and_no_output() {
    let dir = Dir::new();
    let empty = dir.file("empty", "");
    for (name, args) in [&ALL[..], &AT_ONCE].concat() {
        program(name).args(args).check("", "", 0);
        program(name).args(args).arg(&empty).check("", "", 0);
        program(name).args(args).stdin("\n \n\r\n").check("", "", 0);
        program(name).args(args).stdin(gzip("")).check("", "", 0);
        program(name).args(args).stdin(zstd("")).check("", "", 0);
    }
    program("dl-fmt").args(&["--to", "table"]).check("", "", 0);
    program("dl-filter")
        .args(&["-c", "true"])
        .check("0\n", "", 0);
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let dir = Dir::new();
    let (a, b) = (dir.file("a", lone(1)), dir.file("b", lone(2)));
    let missing = dir.path("missing");
    for (name, args) in EVERY {
        let both = program(name).args(args).arg(&a).arg(&b).output();
        let reason = format!(
            "{name}: {}: No such file or directory (os error 2)\n",
            missing.display()
        );
        program(name)
            .args(args)
            .arg(&a)
            .arg(&missing)
            .arg(&b)
            .check(&both, &reason, 2);
        let reason = format!(
            "{name}: {}: is a directory\n{name}: name the files in it\n",
            dir.path("").display()
        );
        program(name)
            .args(args)
            .arg(&a)
            .arg(dir.path(""))
            .arg(&b)
            .check(&both, &reason, 2);
    }
    // Nothing selected is the smaller trouble.
    let reason = format!(
        "dl-filter: {}: No such file or directory (os error 2)\n",
        missing.display()
    );
    program("dl-filter")
        .args(&["-e", "--strict", "false"])
        .arg(&missing)
        .check("", &reason, 2);
}

#[test]
fn compressed_input_is_read_like_any_other() {
    let dir = Dir::new();
    let members = [gzip(lone(0)), gzip(""), gzip(lone(1))].concat();
    let frames = [zstd(lone(0)), zstd(lone(1))].concat();
    for (name, args) in EVERY {
        let plain = program(name).args(args).stdin(lones(2)).output();
        for packed in [
            gzip(lones(2)),
            members.clone(),
            zstd(lones(2)),
            frames.clone(),
        ] {
            program(name).args(args).stdin(&packed).check(&plain, "", 0);
            program(name)
                .args(args)
                .arg(dir.file("packed", &packed))
                .check(&plain, "", 0);
        }
    }
}

#[test]
fn what_is_packed_in_another_way_is_named() {
    let dir = Dir::new();
    let next = dir.file("next", lone(1));
    let forms: [(&[u8], &str, &str); 5] = [
        (
            b"\xFD7zXZ\0\0\x04",
            "compressed by xz, which is not read",
            "xz -dc",
        ),
        (
            b"BZh91AY&SY\n",
            "compressed by bzip2, which is not read",
            "bzip2 -dc",
        ),
        (
            b"PK\x03\x04\n",
            "an archive of zip, which is not read",
            "unzip -p",
        ),
        (
            b"\xFF\xFE{\0}\0\n\0",
            "text in UTF-16, and only UTF-8 is read",
            "iconv -f UTF-16 -t UTF-8",
        ),
        (
            b"\xFE\xFF\0{\0}\0\n",
            "text in UTF-16, and only UTF-8 is read",
            "iconv -f UTF-16 -t UTF-8",
        ),
    ];
    for (name, args) in EVERY {
        let plain = program(name).args(args).arg(&next).output();
        for (bytes, what, command) in forms {
            let file = dir.file("packed", bytes);
            let words = |place: &str| {
                format!("{name}: {place}: is {what}\n{name}: pipe it from {command} FILE\n")
            };
            program(name).args(args).arg(&file).arg(&next).check(
                &plain,
                &words(&file.display().to_string()),
                2,
            );
            let ran = program(name).args(args).stdin(bytes).run();
            assert_eq!((ran.stderr, ran.status), (words("<stdin>"), 2));
        }
    }
    // What only begins like one of them is text.
    for text in ["B", "BZ", "PK\n", "BZh91AY&SX\n"] {
        let words = "dl-filter: 1 line rejected, the first at <stdin>:1: not a JSON object: expected '{' in column 1\n";
        let ran = program("dl-filter").arg("true").stdin(text).run();
        assert!(ran.stderr.starts_with(words), "{text}: {}", ran.stderr);
        assert_eq!(ran.status, 0);
    }
}

#[test]
fn a_cut_archive_is_read_up_to_the_cut() {
    let dir = Dir::new();
    let next = dir.file("next", "{\"next\":1}\n");
    for (count, cut) in [(200, 40), (200, 9), (60_000, 9)] {
        for packed in [gzip(lones(count)), zstd(lones(count))] {
            let packed = &packed[..packed.len() - cut];
            let file = dir.file("cut", packed);
            let whole = lones(count);
            let ran = program("dl-filter").arg("true").arg(&file).arg(&next).run();
            assert_eq!(ran.status, 2);
            let start = format!("dl-filter: {}: ", file.display());
            assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
            let stdout = String::from_utf8_lossy(&ran.stdout);
            let lines = stdout
                .strip_suffix("{\"next\":1}\n")
                .expect("the next file is whole");
            assert!(
                whole.starts_with(lines) && (lines.is_empty() || lines.ends_with('\n')),
                "{count} {cut} {}",
                lines.len()
            );
            let naive = decompressed_up_to_the_cut(packed);
            let complete = naive.rfind('\n').map_or(0, |at| at + 1);
            assert_eq!(lines.len(), complete, "{count} {cut}");
        }
    }
}

/// What can be unpacked, without regard for lines.
fn decompressed_up_to_the_cut(packed: &[u8]) -> String {
    let mut out = Vec::new();
    let mut unpacked: Box<dyn Read + '_> = if packed[0] == 0x1F {
        Box::new(flate2::read::MultiGzDecoder::new(packed))
    } else {
        Box::new(zstd::Decoder::new(packed).expect("a decoder"))
    };
    let mut piece = [0; 1000];
    while let Ok(count @ 1..) = unpacked.read(&mut piece) {
        out.extend_from_slice(&piece[..count]);
    }
    String::from_utf8(out).expect("text")
}
