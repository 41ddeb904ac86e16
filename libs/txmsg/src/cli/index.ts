/**
 * The commands of the program `txmsg`, and the frame that they run in, for a program that adds commands of its own to
 * them.
 */
export { COMMON_OPTIONS, type Call, type Command, type Option, type Options } from './command.js';
export { parseCommandLine, type ParsedCommandLine } from './command-line.js';
export { CommandError, failureOf, UsageError } from './command.error.js';
export { type CommandHead, type ProgramName } from './help.js';
export { schemaCommands, type SchemaDatabase, type SchemaDatabases } from './schema.commands.js';
