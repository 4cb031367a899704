//! Guest memory: the bytes ([`ram`]) and what is mapped where ([`space`]).

mod ram;
mod space;

pub(crate) use ram::granule_mask;
pub use ram::{CODE, EXEC, MAPPED, PAGE, PAGE_SHIFT, READ, Ram, SPACE, WRITE};
pub use space::{AddressSpace, Backing, MIN_ADDR, Placement, Vma, prot_bits};
