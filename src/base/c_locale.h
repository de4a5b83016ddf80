/*
 * Numbers with a dot, whatever locale the host program set: the calling thread alone switches to
 * the "C" locale for the length of one call and back. Never setlocale, which is the whole
 * process's.
 */
#ifndef BASE_C_LOCALE_H
#define BASE_C_LOCALE_H

/* Returns what c_locale_leave wants back (a locale_t). Calls nest. */
void *c_locale_enter(void);
void c_locale_leave(void *previous);

#endif
