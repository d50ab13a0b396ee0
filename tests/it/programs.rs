//! The programs as they were built, and a folder of samples to run them in.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::certificates;

/// Where the programs are.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_dl-filter"))
        .parent()
        .expect("a program is in a folder")
}

/// What a program writes to stdout; it has to succeed.
pub(crate) fn output(name: &str, args: &[&str]) -> String {
    let run = Command::new(folder().join(name))
        .args(args)
        .stdin(Stdio::null())
        .output();
    let run = run.expect("the program is built");
    assert!(
        run.status.success(),
        "{name} {args:?}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// Keys of CURVE, under the names that the manuals use: of a collector and of a client that it lets
/// in. They are those of the example in RFC 26 and of libzmq's manual, and so no secrets.
const CURVE: [(&str, &str); 5] = [
    (
        "collector.key",
        "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n",
    ),
    (
        "collector.key_secret",
        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\n",
    ),
    ("payments.key", "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\n"),
    (
        "payments.key_secret",
        "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\n",
    ),
    (
        "clients",
        "# the shop\nYne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID payments\n",
    ),
];

/// The worked examples of dl-rules(7), in examples/rules.
pub(crate) const RULES: [&str; 4] = ["split.yaml", "page.yaml", "page.sh", "ship.yaml"];

/// A folder with copies of tests/data/samples, and of two of them under the names that the
/// manuals use: capture.ndjson (four orders of examples/shop) and app.ndjson, the latter
/// compressed too; the rules of dl-rules(7); certificates; and keys. Commands run in it as bash commands.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
        for entry in fs::read_dir(data.join("samples")).expect("samples are there") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a file has a name");
            fs::copy(&path, folder.path().join(name)).expect("room for the samples");
        }
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rules");
        for name in RULES {
            fs::copy(rules.join(name), folder.path().join(name)).expect("a file of rules");
        }
        certificates::write(folder.path());
        for (name, text) in CURVE {
            fs::write(folder.path().join(name), text).expect("room for a key");
        }
        let sandbox = Self { folder };
        fs::copy(data.join("shop.ndjson"), sandbox.path("capture.ndjson")).expect("a sample");
        let app = fs::read(sandbox.path("structlog.ndjson")).expect("a sample");
        let packed = zstd::encode_all(&app[..], 1).expect("in memory");
        for host in ["logs/web1", "logs/web2"] {
            fs::create_dir_all(sandbox.path(host)).expect("room for a folder");
            fs::write(sandbox.path(host).join("shop.log"), &app).expect("room for a copy");
        }
        fs::write(sandbox.path("app.ndjson"), app).expect("room for a copy");
        fs::write(sandbox.path("app.ndjson.zst"), packed).expect("room for a copy");
        sandbox
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command. Time zone, language and colours are not those of whoever runs the tests.
    pub(crate) fn run(&self, command: &str) -> Output {
        let path = env::join_paths(
            [folder().to_owned()]
                .into_iter()
                .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
        );
        // A session that waits for what never comes fails, with what it said until then.
        Command::new("timeout")
            .args(["--kill-after=5", "100", "bash"])
            .args(["--noprofile", "--norc", "-o", "pipefail", "-c"])
            .arg(command)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path.expect("no colon in the path"))
            .env("HOME", self.folder.path())
            // For the programs in Python that sessions write.
            .env(
                "PYTHONPATH",
                Path::new(env!("CARGO_MANIFEST_DIR")).join("python"),
            )
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output()
            .expect("bash is there")
    }
}
