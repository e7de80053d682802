/* overlay.h - the layers of an overlay file system: the same files lie there under other names. */
#ifndef LAUNCH_OVERLAY_H
#define LAUNCH_OVERLAY_H

/*
 * Adds the absolute upper and lower directories of the options, as
 * mountinfo(5) shows them after its own escapes were undone, to *list.
 */
int overlay_layers(const char *options, char ***list);

#endif
