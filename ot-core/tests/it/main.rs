//! The engine from outside: conformance to other implementations, the laws, and sessions under faults.

mod conformance;
