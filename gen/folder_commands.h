/* Commands of a generated folder. ARGV[0] is the command's name; each returns the program's exit status. */
#ifndef RESCAST_FOLDER_COMMANDS_H
#define RESCAST_FOLDER_COMMANDS_H

int run_pack (int argc, char **argv);
int run_verify (int argc, char **argv);
int run_compare (int argc, char **argv);
int run_tune (int argc, char **argv);
int run_report (int argc, char **argv);

#endif
