//! The few words that expressions and records share, so that they meet. What a spelling means
//! is written beside it, so that nobody has to compute it.

/// Paths, and how expressions spell them.
pub(super) const FIELDS: &[(&str, &[&str])] = &[
    (".a", &["a"]),
    ("b", &["b"]),
    (".c", &["c"]),
    (".o.k", &["o", "k"]),
    ("o.n", &["o", "n"]),
    (".a[1]", &["a", "[1]"]),
    (".\"odd key\"", &["odd key"]),
    (".é", &["é"]),
    (".level", &["level"]),
    (".msg", &["msg"]),
    ("duration_ms", &["duration_ms"]),
    (".name", &["name"]),
];

pub(super) const TEXTS: &[&str] = &[
    "",
    "a",
    "ab",
    "abc",
    "b",
    "10",
    "9",
    "1.5",
    " 1",
    "é",
    "🎉",
    "q\"\\'\n\t",
    "true",
    "null",
    "a/b",
    "error",
    "500",
    "timeout",
    "time out",
    "TIMEOUT",
    "\u{7f}",
    "x\u{0}y",
    "key",
    "{\"a\":1}",
    "200ms",
    "1.5 MiB",
    "#a",
];

/// Numbers and other spellings of them.
pub(super) const NUMBERS: &[(&str, &[&str])] = &[
    ("0", &["0", "-0", "0.0", "0e5", "-0.0"]),
    ("1", &["1", "1.0", "10e-1", "1e0", "1E+00"]),
    ("9", &["9", "9.0", "0.9e1"]),
    ("10", &["10", "1e1", "1E1", "1e+1", "10.000", "0.1e2"]),
    ("-3", &["-3", "-3.0", "-30e-1"]),
    ("1.5", &["1.5", "15e-1", "1.50", "0.15E1"]),
    (
        "500",
        &[
            "500", "5e2", "5E+2", "0.5e3", "500.000", "5000e-1", "50.0E1",
        ],
    ),
    ("0.2", &["0.2", "2e-1", "0.20"]),
    ("1572864", &["1572864", "1572864.0", "1.572864e6"]),
    (
        "9007199254740993",
        &["9007199254740993", "9007199254740992", "9007199254740993.0"],
    ),
    (
        "18446744073709551615",
        &[
            "18446744073709551615",
            "18446744073709551616",
            "1.8446744073709552e19",
        ],
    ),
    ("1e400", &["1e300", "1e-400"]),
];

/// Lengths of time in seconds.
pub(super) const LENGTHS: &[(&str, f64)] = &[
    ("200ms", 0.2),
    ("1.5s", 1.5),
    ("1500ms", 1.5),
    ("5m", 300.0),
    ("1h30m", 5400.0),
    ("10s", 10.0),
];

/// Sizes in bytes, as expressions may spell them and as only strings may.
pub(super) const SIZES: &[(&str, u64)] = &[
    ("10B", 10),
    ("0.5kB", 500),
    ("500B", 500),
    ("1.5MiB", 1_572_864),
    ("1MB", 1_000_000),
    ("2KiB", 2048),
];
pub(super) const BLANK_SIZES: &[(&str, u64)] =
    &[("1.5 MiB", 1_572_864), ("500 B", 500), ("1 kB", 1000)];

/// Names of levels, and the severities that they mean in an expression.
pub(super) const LEVELS: &[(&str, u8, u8)] = &[
    ("trace", 0, 4),
    ("debug", 5, 8),
    ("info", 9, 9),
    ("notice", 10, 12),
    ("warning", 13, 16),
    ("error", 17, 17),
    ("critical", 18, 20),
    ("fatal", 21, 31),
    ("30", 13, 13),
    ("20", 9, 9),
    ("40", 17, 17),
];
/// Words of records and their severities.
pub(super) const LEVEL_WORDS: &[(&str, u8)] = &[
    ("trace", 1),
    ("DEBUG", 5),
    ("info", 9),
    ("Information", 9),
    ("notice", 10),
    ("WARN", 13),
    ("warning", 13),
    ("error", 17),
    ("ERROR", 17),
    ("err", 17),
    ("critical", 18),
    ("fatal", 21),
    ("ERROR+4", 21),
];
/// Numbers of records, and their severities on Python's scale and on pino's.
pub(super) const LEVEL_NUMBERS: &[(&str, u8, u8)] = &[
    ("10", 5, 1),
    ("20", 9, 5),
    ("30", 13, 9),
    ("35", 14, 10),
    ("40", 17, 13),
    ("50", 18, 17),
];

/// Points in time as JSON and in nanoseconds since 1970.
pub(super) const TIMES: &[(&str, i64)] = &[
    ("\"2026-11-20T12:30:00Z\"", 1_795_177_800_000_000_000),
    ("\"2026-11-20T13:30:00+01:00\"", 1_795_177_800_000_000_000),
    ("\"2026-11-20 12:30:00\"", 1_795_177_800_000_000_000),
    ("\"2026-11-20T12:30:00.250Z\"", 1_795_177_800_250_000_000),
    ("1795177800", 1_795_177_800_000_000_000),
    ("1795129200", 1_795_129_200_000_000_000),
    ("1795177800.25", 1_795_177_800_250_000_000),
    ("1795177800250", 1_795_177_800_250_000_000),
    ("\"1795177800\"", 1_795_177_800_000_000_000),
    ("1.7951778e9", 1_795_177_800_000_000_000),
    ("\"2026-11-19T23:00:00Z\"", 1_795_129_200_000_000_000),
];
/// Points in time as expressions spell them.
pub(super) const MOMENTS: &[(&str, i64)] = &[
    ("2026-11-20T12:30:00Z", 1_795_177_800_000_000_000),
    ("'2026-11-20 13:30:00.250+01:00'", 1_795_177_800_250_000_000),
    ("2026-11-20", 1_795_132_800_000_000_000),
    ("2026-11-20 12:30", 1_795_177_800_000_000_000),
    ("1795177801", 1_795_177_801_000_000_000),
];

pub(super) const TREES: &[&str] = &[
    "40be6df2",
    "a3bb8c32-94ea-4443-8527-e01af6bc4bf8",
    "é/1",
    "7",
];

/// What a pattern finds, said otherwise.
pub(super) type Finds = fn(&str) -> bool;

/// Patterns, whether case matters, and what they find, said otherwise.
pub(super) const PATTERNS: &[(&str, bool, Finds)] = &[
    ("'^a'", true, |text| text.starts_with('a')),
    ("'b$'", true, |text| text.ends_with('b')),
    ("'time.?out'", true, |text| {
        text.contains("timeout") || text.contains("time out")
    }),
    ("'time.?out'", false, |text| {
        let text = text.to_lowercase();
        text.contains("timeout") || text.contains("time out")
    }),
    ("'^[0-9]+$'", true, |text| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
    }),
    ("'a|é'", true, |text| {
        text.contains('a') || text.contains('é')
    }),
    ("e", false, |text| text.contains(['e', 'E'])),
    ("''", true, |_| true),
    ("'^$'", true, str::is_empty),
];
