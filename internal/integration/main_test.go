package integration

import (
	"os"
	"testing"

	"github.com/paymount/paymount/internal/integration/testpg"
)

func TestMain(m *testing.M) { os.Exit(testpg.Main(m)) }
