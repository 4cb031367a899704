# Two sections of code, a macro, an included file, a function that a linker may shorten.
	.text
	.globl	main
	.type	main, @function
main:
	addi	sp, sp, -16
	sd	ra, 8(sp)
	call	more
	li	a0, 0x12345678
	ld	ra, 8(sp)
	.macro	both x
	addi	a0, a0, \x
	nop
	.endm
	both	1
	beqz	a0, main
	ret
	.size	main, . - main
	.data
	.word	1
	.section .text.more, "ax"
more:	nop
	ret
	.include "included.inc"
