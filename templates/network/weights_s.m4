BANNER
/* The weights file as part of the library: NETWORK_NAME.weights, 64-byte aligned, read-only. */
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
	.hidden NETWORK_NAME<||>_weights_image
	.hidden NETWORK_NAME<||>_weights_image_end
	.type NETWORK_NAME<||>_weights_image, %object
	.type NETWORK_NAME<||>_weights_image_end, %object
	.size NETWORK_NAME<||>_weights_image, NETWORK_NAME<||>_weights_image_end - NETWORK_NAME<||>_weights_image
	.size NETWORK_NAME<||>_weights_image_end, 1
	.section .note.GNU-stack,"",%progbits
#endif
