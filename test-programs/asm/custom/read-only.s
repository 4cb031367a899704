# Writing a read-only CSR of an ISA file is an illegal instruction.
# isa-file: isa-spec/examples/mark.yaml
# status: 132
# stderr: SIGILL
_start: csrw    my.version, x0
