//! `memcpy` for the framework's own data: compiling moves many structures of some ten words, and every instruction of the guest is
//! counted. The C library's version is made for long copies, and takes a hundred instructions for these.
//!
//! It takes the place of the C library's when the guest is linked.

#[cfg(target_arch = "riscv64")]
std::arch::global_asm!(
    ".pushsection .text.memcpy, \"ax\", @progbits",
    ".balign 4",
    ".globl memcpy",
    ".type memcpy, @function",
    // a0 = destination, a1 = source, a2 = bytes; a0 is returned.
    "memcpy:",
    "    xor  t0, a0, a1",
    "    andi t0, t0, 7",
    "    mv   t1, a0",
    // Differently aligned: the C library knows how to shift words together.
    "    bnez t0, 9f",
    "    li   t3, 8",
    "    bltu a2, t3, 6f",
    "    andi t0, a0, 7",
    "    bnez t0, 7f",
    "1:  li   t3, 64",
    "    bltu a2, t3, 3f",
    "2:  ld   a3, 0(a1)",
    "    ld   a4, 8(a1)",
    "    ld   a5, 16(a1)",
    "    ld   a6, 24(a1)",
    "    ld   a7, 32(a1)",
    "    ld   t4, 40(a1)",
    "    ld   t5, 48(a1)",
    "    ld   t6, 56(a1)",
    "    sd   a3, 0(t1)",
    "    sd   a4, 8(t1)",
    "    sd   a5, 16(t1)",
    "    sd   a6, 24(t1)",
    "    sd   a7, 32(t1)",
    "    sd   t4, 40(t1)",
    "    sd   t5, 48(t1)",
    "    sd   t6, 56(t1)",
    "    addi a1, a1, 64",
    "    addi t1, t1, 64",
    "    addi a2, a2, -64",
    "    bgeu a2, t3, 2b",
    "3:  andi t0, a2, 32",
    "    beqz t0, 4f",
    "    ld   a3, 0(a1)",
    "    ld   a4, 8(a1)",
    "    ld   a5, 16(a1)",
    "    ld   a6, 24(a1)",
    "    sd   a3, 0(t1)",
    "    sd   a4, 8(t1)",
    "    sd   a5, 16(t1)",
    "    sd   a6, 24(t1)",
    "    addi a1, a1, 32",
    "    addi t1, t1, 32",
    "4:  andi t0, a2, 16",
    "    beqz t0, 5f",
    "    ld   a3, 0(a1)",
    "    ld   a4, 8(a1)",
    "    sd   a3, 0(t1)",
    "    sd   a4, 8(t1)",
    "    addi a1, a1, 16",
    "    addi t1, t1, 16",
    "5:  andi t0, a2, 8",
    "    andi a2, a2, 7",
    "    beqz t0, 6f",
    "    ld   a3, 0(a1)",
    "    sd   a3, 0(t1)",
    "    addi a1, a1, 8",
    "    addi t1, t1, 8",
    // Single bytes.
    "6:  beqz a2, 8f",
    "10: lbu  a3, 0(a1)",
    "    addi a1, a1, 1",
    "    sb   a3, 0(t1)",
    "    addi t1, t1, 1",
    "    addi a2, a2, -1",
    "    bnez a2, 10b",
    "8:  ret",
    // Up to the next word; there are eight bytes at least.
    "7:  lbu  a3, 0(a1)",
    "    addi a1, a1, 1",
    "    sb   a3, 0(t1)",
    "    addi t1, t1, 1",
    "    addi a2, a2, -1",
    "    andi t0, t1, 7",
    "    bnez t0, 7b",
    "    j    1b",
    "9:  tail memmove",
    ".size memcpy, . - memcpy",
    ".popsection",
);

#[cfg(test)]
mod tests {
    /// Every length and alignment that takes another way.
    #[test]
    #[cfg(target_arch = "riscv64")]
    fn copies() {
        let source: Vec<u8> = (0..=255).collect();
        for from in 0..9 {
            for to in 0..9 {
                for len in 0..200 {
                    let mut target = vec![0xAAu8; 256];
                    // SAFETY: both ranges are inside their vectors, which do not overlap.
                    unsafe {
                        std::ptr::copy_nonoverlapping(
                            source.as_ptr().add(from),
                            target.as_mut_ptr().add(to),
                            len,
                        )
                    };
                    let right = (0..256).all(|i| match i.checked_sub(to) {
                        Some(n) if n < len => target[i] == source[from + n],
                        _ => target[i] == 0xAA,
                    });
                    assert!(right, "{len} bytes from {from} to {to}");
                }
            }
        }
    }
}
