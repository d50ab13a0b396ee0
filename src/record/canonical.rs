//! The canonical fields: what every producer's record can be asked for.

/// A field that means the same for every producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Canonical {
    /// When it happened: an instant.
    Time,
    /// Severity.
    Level,
    /// Name of the logger.
    Logger,
    /// The text.
    Message,
    /// The kind of action or message, for producers that name it.
    Type,
    /// Name of the host.
    Host,
    /// Name of the program or service.
    Service,
    /// Number of the process.
    Process,
    /// Name or number of the thread.
    Thread,
    /// Traceback or exception text.
    Exception,
    /// Id of the request.
    Tree,
    /// Place in the tree.
    Node,
    /// The node above.
    Parent,
    /// Order within the node.
    Seq,
    /// `start` or `end` of a scope.
    Event,
    /// `succeeded`, `failed`, `running` or `unknown`.
    Status,
    /// Length of the scope, in seconds.
    Duration,
}

impl Canonical {
    /// All of them, in the order of the manual.
    pub const ALL: [Self; 17] = [
        Self::Time,
        Self::Level,
        Self::Logger,
        Self::Message,
        Self::Type,
        Self::Host,
        Self::Service,
        Self::Process,
        Self::Thread,
        Self::Exception,
        Self::Tree,
        Self::Node,
        Self::Parent,
        Self::Seq,
        Self::Event,
        Self::Status,
        Self::Duration,
    ];
    /// How many there are.
    pub(super) const COUNT: usize = Self::ALL.len();

    /// The name in expressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Level => "level",
            Self::Logger => "logger",
            Self::Message => "message",
            Self::Type => "type",
            Self::Host => "host",
            Self::Service => "service",
            Self::Process => "process",
            Self::Thread => "thread",
            Self::Exception => "exception",
            Self::Tree => "tree",
            Self::Node => "node",
            Self::Parent => "parent",
            Self::Seq => "seq",
            Self::Event => "event",
            Self::Status => "status",
            Self::Duration => "duration",
        }
    }

    /// True if it is read as text, whatever else it may mean.
    #[inline]
    pub(super) fn is_text(self) -> bool {
        !matches!(self, Self::Time | Self::Level | Self::Duration)
    }

    /// The field of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|canonical| canonical.name() == name)
    }
}
