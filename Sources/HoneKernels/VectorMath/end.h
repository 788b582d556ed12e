// Closes what a "begin_….h" opened.
#ifdef HONE_TARGET_PUSHED
#pragma clang attribute pop
#undef HONE_TARGET_PUSHED
#endif
