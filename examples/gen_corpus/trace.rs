//! Stack traces, in the form of each language.

use crate::catalogue::{Failure, Service};
use crate::json::Line;
use crate::random::Random;

/// Appends a Python traceback, without a newline at its end.
pub(crate) fn python(line: &mut Line, service: &Service, failure: &Failure, seed: u64) {
    let mut random = Random::new(seed);
    line.escape("Traceback (most recent call last):");
    for function in ["handle", "run", "check"]
        .iter()
        .take(random.between(1, 3) as usize)
    {
        line.escape("\n  File \"/srv/shop/");
        line.raw(service.name);
        line.escape("/service.py\", line ");
        line.number(u64::from(random.between(12, 480)));
        line.raw(", in ");
        line.raw(function);
    }
    line.escape("\n");
    line.raw(failure.class.trim_start_matches("builtins."));
    line.raw(": ");
    line.escape(failure.reason);
}

/// Appends what Node has in an error's `stack`.
pub(crate) fn node(line: &mut Line, service: &Service, failure: &Failure, seed: u64) {
    let mut random = Random::new(seed);
    line.raw("Error: ");
    line.escape(failure.reason);
    for function in [
        "charge",
        "Object.handle",
        "process.processTicksAndRejections",
    ] {
        line.escape("\n    at ");
        line.raw(function);
        line.raw(" (/srv/shop/");
        line.raw(service.name);
        line.raw("/index.js:");
        line.number(u64::from(random.between(12, 480)));
        line.raw(":17)");
    }
}

/// Appends what zap has in `stacktrace`.
pub(crate) fn go(line: &mut Line, service: &Service, seed: u64) {
    let mut random = Random::new(seed);
    for (index, function) in ["(*Server).serve", "(*Pool).run", "main"]
        .iter()
        .enumerate()
    {
        if index > 0 {
            line.escape("\n");
        }
        line.raw("shop/");
        line.raw(service.name);
        line.raw(".");
        line.raw(function);
        line.escape("\n\t/srv/shop/");
        line.raw(service.name);
        line.raw("/server.go:");
        line.number(u64::from(random.between(12, 480)));
    }
}
