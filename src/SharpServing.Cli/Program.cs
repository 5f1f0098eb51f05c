using SharpServing.Cli.Commands;

// Under the original's name the program is the original's: flags only, no commands.
string program = ProgramName.Get();
return program == ProgramName.ModelServer
    ? await ServeCommand.RunAsync(program, args)
    : await CommandTable.RunAsync(args);
