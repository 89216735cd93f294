BANNER
/* The weights file as part of the program: NETWORK_NAME.weights, 64-byte aligned, read-only. */
#if defined __APPLE__
	.section __TEXT,__const
#elif defined _WIN32
	.section .rdata,"dr"
#else
	.section .rodata
#endif
	.balign 64
	.globl NETWORK_NAME<||>_weights_image
	.globl NETWORK_NAME<||>_weights_image_end
NETWORK_NAME<||>_weights_image:
	.incbin "NETWORK_NAME.weights"
NETWORK_NAME<||>_weights_image_end:
	.byte 0
#ifdef __ELF__
	.section .note.GNU-stack,"",%progbits
#endif
