//! A compiled program, and what runs it on one record after the other.

use std::{sync::Arc, thread};

use jaq_core::{
    Compiler, Filter,
    load::{Arena, File, Lexer, Loader, Parser, lex::Token, parse::Def},
};
use jaq_json::{Map, Val};

use super::{
    error::ProgramError,
    functions::{Kind, definitions, natives},
    guard::{self, Whose},
    read::read,
    runner::Runner,
    write::write,
};

/// The longest program in bytes.
const LONGEST: usize = 64 << 10;

/// The most brackets or signs inside each other, for which the parser takes most stack.
const DEEPEST: usize = 1000;
const TOO_DEEP: &str = "has more than 1,000 levels";

/// The stack that compiling takes in bytes: the parser goes down into a text by recursion,
/// and a text of the longest length may be nothing but `try`. What is not touched costs
/// nothing.
const STACK: usize = 512 << 20;

/// The name under which the program is called.
const MAIN: &str = "dl__main";

/// A jq program.
///
/// ```
/// use distlog::jq::{Program, Variables};
///
/// let program = Program::compile("select(.n > $least) | .n += 1", &{
///     let mut variables = Variables::default();
///     variables.json("least", "1")?;
///     variables
/// })?;
/// let mut runner = program.runner();
/// let mut out = Vec::new();
/// runner.run(br#"{"n":2}"#, &mut out)?;
/// runner.run(br#"{"n":1}"#, &mut out)?;
/// assert_eq!(out, b"{\"n\":3}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Program {
    filter: Arc<Filter<Kind>>,
    variables: Variables,
}

/// The variables that a program may use, beside those that it makes.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The names with their `$`, and texts of JSON.
    named: Vec<(String, String)>,
}

impl Variables {
    /// Makes `$name` a string.
    pub fn string(&mut self, name: &str, value: &str) -> Result<(), ProgramError> {
        let mut json = Vec::new();
        // A string can be written, whatever is in it.
        let _ = write(&Val::from(value.to_owned()), &mut json, usize::MAX);
        self.add(name, String::from_utf8_lossy(&json).into_owned())
    }

    /// Makes `$name` what a text of JSON says.
    pub fn json(&mut self, name: &str, json: &str) -> Result<(), ProgramError> {
        read(json.as_bytes()).map_err(|error| ProgramError::Json {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        self.add(name, json.to_owned())
    }

    fn add(&mut self, name: &str, json: String) -> Result<(), ProgramError> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let plain = name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit());
        if !plain || name.is_empty() || name == "ARGS" || name == "ENV" {
            return Err(ProgramError::Name(name.to_owned()));
        }
        let name = format!("${name}");
        // The first one counts, as with jq.
        if self.named.iter().all(|(known, _)| *known != name) {
            self.named.push((name, json));
        }
        Ok(())
    }

    /// The names, with `$ARGS`, which holds all others.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.named
            .iter()
            .map(|(name, _)| name.as_str())
            .chain(["$ARGS"])
    }

    /// The values, in the order of the names.
    fn values(&self) -> Vec<Val> {
        let value = |(_, json): &(String, String)| read(json.as_bytes()).unwrap_or_default();
        let mut values: Vec<Val> = self.named.iter().map(value).collect();
        let text = |text: &str| Val::from(text.to_owned());
        let keys = self.named.iter().map(|(name, _)| text(&name[1..]));
        let named = keys.zip(values.iter().cloned()).collect::<Map>();
        let args = [
            (text("positional"), Val::Arr(Vec::new().into())),
            (text("named"), Val::obj(named)),
        ];
        values.push(Val::obj(args.into_iter().collect()));
        values
    }
}

impl Program {
    /// Compiles a program.
    ///
    /// # Errors
    /// What is wrong with its text, and where.
    pub fn compile(text: &str, variables: &Variables) -> Result<Self, ProgramError> {
        if text.len() > LONGEST {
            return Err(ProgramError::TooLarge("is longer than 64 KiB"));
        }
        if levels(text) > DEEPEST {
            return Err(ProgramError::TooLarge(TOO_DEEP));
        }
        let compile = || compile(text, variables);
        let filter = thread::scope(|scope| {
            let thread = thread::Builder::new().stack_size(STACK);
            match thread.spawn_scoped(scope, compile) {
                Err(error) => Err(ProgramError::Thread(error.to_string())),
                Ok(handle) => handle
                    .join()
                    .unwrap_or(Err(ProgramError::TooLarge("is not understood"))),
            }
        })?;
        Ok(Self {
            filter: Arc::new(filter),
            variables: variables.clone(),
        })
    }

    /// Something that runs the program, for one thread.
    pub fn runner(&self) -> Runner {
        Runner::new(Arc::clone(&self.filter), self.variables.values())
    }
}

/// How many brackets are open at once at most, or signs in a row; those in strings count
/// too.
fn levels(text: &str) -> usize {
    let (mut open, mut signs, mut most) = (0_usize, 0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        signs = match byte {
            b'-' => signs + 1,
            byte if byte.is_ascii_whitespace() => signs,
            _ => 0,
        };
        most = most.max(open).max(signs);
    }
    most
}

fn compile(text: &str, variables: &Variables) -> Result<Filter<Kind>, ProgramError> {
    let tokens = Lexer::new(text)
        .lex()
        .map_err(|errors| ProgramError::lexed(text, &errors))?;
    let body = Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
        let found = |(expected, found)| (expected, Token::opt_as_str(found, text));
        let errors: Vec<_> = errors.into_iter().map(found).collect();
        ProgramError::parsed(text, &errors)
    })?;
    let main = Def {
        name: MAIN,
        args: Vec::new(),
        body,
    };
    let guarded = |def, whose| {
        guard::definition(def, whose).map_err(|guard::TooDeep| ProgramError::TooLarge(TOO_DEEP))
    };
    let defs = definitions().map(|def| guarded(def, Whose::Library));
    let defs = defs.chain([guarded(main, Whose::User)]);
    let defs = defs.collect::<Result<Vec<Def<&str>>, _>>()?;

    let arena = Arena::default();
    let entry = File {
        code: MAIN,
        path: (),
    };
    let modules = Loader::new(defs)
        .load(&arena, entry)
        .map_err(|_| ProgramError::TooLarge("is not understood"))?;
    Compiler::default()
        .with_funs(natives())
        .with_global_vars(variables.names())
        .compile(modules)
        .map_err(|errors| {
            let first = errors.iter().flat_map(|(_, errors)| errors).next();
            match first {
                Some((name, what)) => ProgramError::undefined(text, name, what),
                None => ProgramError::TooLarge("is not understood"),
            }
        })
}
