# Functions of every kind, repetitions, data between instructions.
	.text
	.type	inner, @function
inner:
	.rept	2
	nop
	nop
	.endr
	.irp	r, a0, a1
	mv	\r, zero
	.endr
	ret
	.size	inner, . - inner
	.type	no_size, @function
no_size: ret
	.macro	two a
	nop
1:	beqz	a0, 1b
	.endm
	two 1; two 2
	.word	5
	.align	3
	nop
	.insn	r CUSTOM_0, 0, 0, a0, a1, a2
	.weak	weak
	.type	weak, %function
weak:	call	outside
	ret
	.size	weak, . - weak
	.type	object, @object
object:	.word	1
	.size	object, 4
