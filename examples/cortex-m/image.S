/* The image IMAGE_FILE, a binary PGM or PPM file, in the program. */
	.section .rodata
	.globl image, image_end
image:
	.incbin IMAGE_FILE
image_end:
