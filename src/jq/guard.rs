//! The guard: a program is rewritten, before it is compiled, so that it counts what it does.
//!
//! What a program can do more than once goes through a definition that calls itself, or
//! through something that gives several outputs; what can grow goes through an operator or
//! a loop. Each of these gets a call to a function with an exclamation mark in its name,
//! which no program can write; [`Meter`](super::meter::Meter) does the counting.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    ops::Math,
    path::{Opt, Part, Path},
};

type T<'s> = Term<&'s str>;

/// Levels of a program's text: each takes stack when it is run.
const DEEPEST: usize = 1000;

/// A program of more levels than that.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooDeep;

/// Whose text is rewritten.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The user's, where every call counts.
    User,
    /// The library's, where calls count that may come back to themselves.
    Library,
}

/// Rewrites a definition.
pub(super) fn definition(def: Def<&str>, whose: Whose) -> Result<Def<&str>, TooDeep> {
    Guard { whose, level: 0 }.definition(def)
}

#[derive(Clone, Copy)]
struct Guard {
    whose: Whose,
    level: usize,
}

fn call<'s>(name: &'s str, args: Vec<T<'s>>) -> T<'s> {
    Term::Call(name, args)
}

fn pipe<'s>(left: T<'s>, right: T<'s>) -> T<'s> {
    Term::BinOp(left.into(), BinaryOp::Pipe(None), right.into())
}

fn step<'s>() -> T<'s> {
    call("!step", Vec::new())
}

fn nest(term: T<'_>) -> T<'_> {
    pipe(term, call("!nest", Vec::new()))
}

impl Guard {
    fn definition(self, def: Def<&str>) -> Result<Def<&str>, TooDeep> {
        let Def { name, args, body } = def;
        let counts = self.whose == Whose::User || calls(&body, name);
        let mut body = self.term(body)?;
        if counts {
            body = pipe(step(), body);
        }
        Ok(Def { name, args, body })
    }

    fn boxed(self, mut term: Box<T<'_>>) -> Result<Box<T<'_>>, TooDeep> {
        *term = self.term(std::mem::take(&mut *term))?;
        Ok(term)
    }

    fn terms(self, terms: Vec<T<'_>>) -> Result<Vec<T<'_>>, TooDeep> {
        terms.into_iter().map(|term| self.term(term)).collect()
    }

    fn term(self, term: T<'_>) -> Result<T<'_>, TooDeep> {
        let guard = Self {
            level: self.level + 1,
            ..self
        };
        if guard.level > DEEPEST {
            return Err(TooDeep);
        }
        guard.inner(term)
    }

    fn inner(self, term: T<'_>) -> Result<T<'_>, TooDeep> {
        Ok(match term {
            Term::Id | Term::Num(_) | Term::Break(_) | Term::Var(_) | Term::Arr(None) => term,
            Term::Recurse => pipe(term, step()),
            Term::Str(format, parts) => self.string(format, parts)?,
            Term::Arr(Some(items)) => nest(Term::Arr(Some(self.boxed(items)?))),
            Term::Obj(members) => nest(Term::Obj(self.members(members)?)),
            Term::Neg(operand) => Term::Neg(self.boxed(operand)?),
            Term::BinOp(left, operator, right) => {
                let (left, right) = (self.boxed(left)?, self.boxed(right)?);
                self.operation(left, operator, right)?
            }
            Term::Label(name, body) => Term::Label(name, self.boxed(body)?),
            Term::Fold(name, source, pattern, args) => {
                let mut args = self.terms(args)?;
                if let Some(update) = args.get_mut(1) {
                    *update = nest(std::mem::take(update));
                }
                Term::Fold(name, self.boxed(source)?, self.pattern(pattern)?, args)
            }
            Term::TryCatch(body, handler) => {
                let handler = handler.map(|handler| self.boxed(handler)).transpose()?;
                Term::TryCatch(self.boxed(body)?, handler)
            }
            Term::IfThenElse(branches, otherwise) => {
                let branches = branches
                    .into_iter()
                    .map(|(condition, then)| Ok((self.term(condition)?, self.term(then)?)));
                Term::IfThenElse(
                    branches.collect::<Result<_, _>>()?,
                    otherwise.map(|term| self.boxed(term)).transpose()?,
                )
            }
            Term::Def(defs, body) => {
                let defs = defs.into_iter().map(|def| self.definition(def));
                Term::Def(defs.collect::<Result<_, _>>()?, self.boxed(body)?)
            }
            Term::Call("range", args) if args.len() == 3 => {
                pipe(call("range", self.terms(args)?), step())
            }
            Term::Call(name, args) => Term::Call(name, self.terms(args)?),
            Term::Path(term, Path(parts)) => self.path(*term, parts)?,
        })
    }

    /// A string; what it interpolates goes through our own writer.
    fn string<'s>(
        self,
        format: Option<&'s str>,
        parts: Vec<StrPart<&'s str, T<'s>>>,
    ) -> Result<T<'s>, TooDeep> {
        let interpolates = parts.iter().any(|part| matches!(part, StrPart::Term(_)));
        let format = format.or(interpolates.then_some("!text"));
        let parts = parts.into_iter().map(|part| {
            Ok(match part {
                StrPart::Term(term) => StrPart::Term(self.term(term)?),
                StrPart::Str(text) => StrPart::Str(text),
                StrPart::Char(character) => StrPart::Char(character),
            })
        });
        Ok(Term::Str(format, parts.collect::<Result<_, _>>()?))
    }

    fn members<'s>(
        self,
        members: Vec<(T<'s>, Option<T<'s>>)>,
    ) -> Result<Vec<(T<'s>, Option<T<'s>>)>, TooDeep> {
        let members = members.into_iter().map(|(key, value)| {
            let value = value.map(|value| self.term(value)).transpose()?;
            Ok((self.term(key)?, value))
        });
        members.collect()
    }

    fn operation<'s>(
        self,
        left: Box<T<'s>>,
        operator: BinaryOp<&'s str>,
        right: Box<T<'s>>,
    ) -> Result<T<'s>, TooDeep> {
        let number = |term: &T<'_>| matches!(term, Term::Num(_));
        Ok(match operator {
            // The step is where the right side begins, so that a call there stays the last
            // thing that is done, and needs no stack.
            BinaryOp::Comma => Term::BinOp(left, operator, pipe(step(), *right).into()),
            // A number added to anything is a number.
            BinaryOp::Math(Math::Add) if !number(&left) && !number(&right) => {
                call("!add", vec![*left, *right])
            }
            BinaryOp::Math(Math::Mul) if !(number(&left) && number(&right)) => {
                call("!multiply", vec![*left, *right])
            }
            BinaryOp::UpdateMath(_) | BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateAlt => {
                update(making(*left).into(), operator, right)
            }
            BinaryOp::Pipe(Some(pattern)) => {
                let pattern = self.pattern(pattern)?;
                Term::BinOp(left, BinaryOp::Pipe(Some(pattern)), right)
            }
            _ => Term::BinOp(left, operator, right),
        })
    }

    fn path<'s>(self, term: T<'s>, parts: Vec<(Part<T<'s>>, Opt)>) -> Result<T<'s>, TooDeep> {
        let iterates = parts
            .iter()
            .any(|(part, _)| matches!(part, Part::Range(None, None)));
        let bound = |bound: Option<T<'s>>| bound.map(|term| self.term(term)).transpose();
        let parts = parts.into_iter().map(|(part, optional)| {
            let part = match part {
                Part::Index(index) => Part::Index(self.term(index)?),
                Part::Range(from, to) => Part::Range(bound(from)?, bound(to)?),
            };
            Ok((part, optional))
        });
        let path = Path(parts.collect::<Result<_, _>>()?);
        let path = Term::Path(self.term(term)?.into(), path);
        Ok(if iterates { pipe(path, step()) } else { path })
    }

    fn pattern(self, pattern: Pattern<&str>) -> Result<Pattern<&str>, TooDeep> {
        Ok(match pattern {
            Pattern::Var(name) => Pattern::Var(name),
            Pattern::Arr(patterns) => {
                let patterns = patterns.into_iter().map(|pattern| self.pattern(pattern));
                Pattern::Arr(patterns.collect::<Result<_, _>>()?)
            }
            Pattern::Obj(members) => {
                let members = members
                    .into_iter()
                    .map(|(key, pattern)| Ok((self.term(key)?, self.pattern(pattern)?)));
                Pattern::Obj(members.collect::<Result<_, _>>()?)
            }
        })
    }
}

/// An update, counted; one that adds or multiplies uses our own operator.
fn update<'s>(left: Box<T<'s>>, operator: BinaryOp<&'s str>, right: Box<T<'s>>) -> T<'s> {
    nest(match operator {
        BinaryOp::UpdateMath(Math::Add) => grown("!add", left, right),
        BinaryOp::UpdateMath(Math::Mul) => grown("!multiply", left, right),
        _ => Term::BinOp(left, operator, right),
    })
}

/// The left side of an update, so that it makes what is not there, as jq does and jaq does
/// not: in `.a.b = 1`, the object at `.a`. Only steps that do not depend on the input can be
/// taken one by one; that leaves out `.a[.b]`, which stays what it is in jaq.
fn making(term: T<'_>) -> T<'_> {
    let fixed = |term: &T<'_>| match term {
        Term::Num(_) | Term::Var(_) => true,
        Term::Neg(term) => matches!(**term, Term::Num(_)),
        Term::Str(_, parts) => !parts.iter().any(|part| matches!(part, StrPart::Term(_))),
        _ => false,
    };
    match term {
        Term::Path(term, Path(parts)) => {
            let mut term = making(*term);
            for (part, optional) in parts {
                term = match (part, optional) {
                    (Part::Index(index), Opt::Essential) if fixed(&index) => {
                        pipe(term, call("!at", vec![index]))
                    }
                    (part, optional) if is_fixed(&part, fixed) => pipe(
                        term,
                        Term::Path(Term::Id.into(), Path(vec![(part, optional)])),
                    ),
                    (part, optional) => {
                        // The part is evaluated on the input of the whole path.
                        Term::Path(term.into(), Path(vec![(part, optional)]))
                    }
                };
            }
            term
        }
        Term::BinOp(left, operator @ (BinaryOp::Pipe(_) | BinaryOp::Comma), right) => {
            // Before a pipe that binds a variable stands no path.
            let left = match operator {
                BinaryOp::Pipe(Some(_)) => *left,
                _ => making(*left),
            };
            Term::BinOp(left.into(), operator, making(*right).into())
        }
        term => term,
    }
}

/// True if a part of a path does not depend on the input.
fn is_fixed<'s>(part: &Part<T<'s>>, fixed: impl Fn(&T<'s>) -> bool) -> bool {
    match part {
        Part::Index(index) => fixed(index),
        Part::Range(from, to) => [from, to].into_iter().flatten().all(fixed),
    }
}

/// `left += right` as what it means: `right as $x | left |= . + $x`.
fn grown<'s>(function: &'s str, left: Box<T<'s>>, right: Box<T<'s>>) -> T<'s> {
    const VARIABLE: &str = "$!right";
    let update = call(function, vec![Term::Id, Term::Var(VARIABLE)]);
    let update = Term::BinOp(left, BinaryOp::Update, update.into());
    let pattern = Pattern::Var(VARIABLE);
    Term::BinOp(right, BinaryOp::Pipe(Some(pattern)), update.into())
}

/// True if a term calls something of this name anywhere.
fn calls(term: &T<'_>, name: &str) -> bool {
    let all = |terms: &[T<'_>]| terms.iter().any(|term| calls(term, name));
    let some = |term: &Option<Box<T<'_>>>| term.as_ref().is_some_and(|term| calls(term, name));
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => false,
        Term::Str(_, parts) => parts
            .iter()
            .any(|part| matches!(part, StrPart::Term(term) if calls(term, name))),
        Term::Arr(items) => some(items),
        Term::Obj(members) => members.iter().any(|(key, value)| {
            calls(key, name) || value.as_ref().is_some_and(|value| calls(value, name))
        }),
        Term::Neg(term) | Term::Label(_, term) => calls(term, name),
        Term::BinOp(left, _, right) => calls(left, name) || calls(right, name),
        Term::Fold(_, source, _, args) => calls(source, name) || all(args),
        Term::TryCatch(body, handler) => calls(body, name) || some(handler),
        Term::IfThenElse(branches, otherwise) => {
            some(otherwise)
                || branches
                    .iter()
                    .any(|(condition, then)| calls(condition, name) || calls(then, name))
        }
        Term::Def(defs, body) => calls(body, name) || defs.iter().any(|def| calls(&def.body, name)),
        Term::Call(called, args) => *called == name || all(args),
        Term::Path(term, Path(parts)) => {
            let bound = |bound: &Option<T<'_>>| bound.as_ref().is_some_and(|b| calls(b, name));
            calls(term, name)
                || parts.iter().any(|(part, _)| match part {
                    Part::Index(index) => calls(index, name),
                    Part::Range(from, to) => bound(from) || bound(to),
                })
        }
    }
}
