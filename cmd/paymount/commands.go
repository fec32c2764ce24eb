package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"github.com/urfave/cli/v3"
)

// program is one run of paymount.
type program struct {
	getenv func(string) string
	logger *slog.Logger
	stdout io.Writer
}

// mistakes are sentences about what is wrong with the configuration or the command line. They quote no value and no argument,
// for that can be a key.
type mistakes []string

func (m mistakes) Error() string { return strings.Join(m, "; ") }

// mistakesOf takes an error of a constructor apart, which reports everything that is wrong with its configuration.
func mistakesOf(err error) mistakes { return strings.Split(err.Error(), "\n") }

func (p *program) root() *cli.Command {
	return &cli.Command{
		Name:  "paymount",
		Usage: "Stripe billing as a service",
		Description: "Each setting is an environment variable; a flag of either name overrides it, as in -addr or -PAYMOUNT_ADDR.\n" +
			"Other users of the machine can see flags, so keep secrets in variables.",
		Commands: []*cli.Command{
			p.command("serve", "serve with the Stripe credentials of the settings", serveVariables(), p.serve),
			p.command("demo", "serve a demo with a fake Stripe and a web page, which takes no real payment", demoVariables(), p.demo),
		},
		Action: func(context.Context, *cli.Command) error {
			return mistakes{"name a command, serve or demo: see -h"}
		},
		OnUsageError: badFlag,
		Writer:       p.stdout,
		ErrWriter:    io.Discard,
		// run turns errors into exit codes; the default handler would end the process.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
}

// command is one whose settings are the variables. It takes no arguments but flags.
func (p *program) command(name, usage string, all []variable, do func(context.Context, values) error) *cli.Command {
	c := &cli.Command{
		Name: name, Usage: usage, HideHelpCommand: true, OnUsageError: badFlag,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return mistakes{"there is an argument that is no flag: see paymount " + name + " -h"}
			}
			v := values{}
			for _, variable := range all {
				v[variable.name] = c.String(variable.name)
			}
			return do(ctx, v)
		},
	}
	for _, v := range all {
		c.Flags = append(c.Flags, &cli.StringFlag{
			Name: v.flag(), Aliases: []string{v.name}, Usage: v.usage, DefaultText: v.usual,
			Sources: cli.NewValueSourceChain(environment{v.name, p.getenv}), Config: cli.StringConfig{TrimSpace: true},
		})
	}
	return c
}

// badFlag stands in for the library's message, which quotes the argument.
func badFlag(_ context.Context, c *cli.Command, _ error, _ bool) error {
	return mistakes{fmt.Sprintf("there is a flag that is not known, or one without its value: see %s -h", c.FullName())}
}

// environment is an environment variable as the source of a flag's value. A blank one is none.
type environment struct {
	name   string
	getenv func(string) string
}

func (e environment) Lookup() (string, bool) {
	value := strings.TrimSpace(e.getenv(e.name))
	return value, value != ""
}

func (e environment) String() string   { return "environment variable " + e.name }
func (e environment) GoString() string { return e.String() }

// IsFromEnv and Key let the help name the variable.
func (e environment) IsFromEnv() bool { return true }
func (e environment) Key() string     { return e.name }

// serve runs the reference server with the host's own settings.
func (p *program) serve(ctx context.Context, v values) error {
	s, err := parseServe(v, p.getenv, p.logger)
	if err != nil {
		return err
	}
	p.warn(ctx, s.warnings)
	return listenAndServe(ctx, s.addr, p.logger, func(work context.Context, _ net.Addr) (*app, error) {
		return newApp(work, s, p.logger)
	})
}

// demo runs the reference server with a fake Stripe, and with nothing of the host's settings but an address and a database.
func (p *program) demo(ctx context.Context, v values) error {
	s, err := parseDemo(v)
	if err != nil {
		return err
	}
	p.warn(ctx, s.warnings)
	return listenAndServe(ctx, s.addr, p.logger, func(work context.Context, addr net.Addr) (*app, error) {
		d, err := startDemo(addr, p.logger)
		if err != nil {
			return nil, err
		}
		a, err := newApp(work, d.configure(s), p.logger, d.register)
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		a.cleanup = append(a.cleanup, d.close)
		_, err = fmt.Fprintf(p.stdout, "Demo: open %s/ in a browser. No real payment is made.\n", d.url)
		if err != nil {
			p.logger.WarnContext(ctx, "the demo's address could not be printed", "error", err, "url", d.url)
		}
		return a, nil
	})
}

func (p *program) warn(ctx context.Context, warnings []string) {
	for _, warning := range warnings {
		p.logger.WarnContext(ctx, "is the configuration meant so?", "problem", warning)
	}
}
