//! Guest memory: the bytes ([`Ram`]) and what is mapped where ([`AddressSpace`]).

mod bus_guard;
mod forced;
mod ram;
mod space;

pub use bus_guard::take_bus_error;
pub(crate) use ram::granule_mask;
pub(crate) use ram::raced::{settle, survive};
pub use ram::{CODE, EXEC, MAPPED, PAGE, PAGE_SHIFT, READ, Ram, SHARED, SPACE, WRITE};
pub use space::{AddressSpace, Backing, MIN_ADDR, Placement, Vma, prot_bits};
