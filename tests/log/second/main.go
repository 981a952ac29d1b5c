// A second verifier of the log, which shares no line with the first: signatures, trees and tiles
// are checked by golang.org/x/mod (sumdb/note, sumdb/tlog), proofs also by
// github.com/transparency-dev/merkle. Receipts are read as docs/reference/log-format.md says.
//
// Reads one JSON object a line; answers one line each: "accepted", or "refused" and by whom.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight   = 8
	receiptLine  = "c2sp.org/tlog-proof@v1"
	noteMark     = "\n\n"
	lineBytesMax = 64 << 20
)

// subject is what is to be verified; what is left out is not looked at.
type subject struct {
	Key         string     // verifier key of the log
	Note        string     // signed checkpoint
	Leaves      [][]byte   // leaf hashes of the whole tree, in order
	Tiles       string     // folder of tiles
	Inclusion   [][][]byte // a path for each of the first leaves
	Consistency []older
	Receipts    []string
}

// older is a smaller tree that the checkpoint's begins with.
type older struct {
	Size  int64
	Root  []byte
	Proof [][]byte
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, lineBytesMax)
	for lines.Scan() {
		var one subject
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			fmt.Fprintln(os.Stderr, "no subject:", err)
			os.Exit(2)
		}
		if by := refusals(one); len(by) > 0 {
			fmt.Println("refused", strings.Join(by, " "))
		} else {
			fmt.Println("accepted")
		}
	}
}

// refusals names every check that did not pass.
func refusals(one subject) []string {
	tree, err := opened(one.Key, one.Note)
	if err != nil {
		return []string{"note"}
	}
	var by []string
	if one.Leaves != nil && rootOf(one.Leaves) != tree.Hash {
		by = append(by, "root")
	}
	if one.Tiles != "" {
		// The reader checks every tile against the tree before it hands out a hash of it.
		reader := tlog.TileHashReader(tree, folder(one.Tiles))
		for at := range one.Leaves {
			found, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(at))})
			if err != nil || !bytes.Equal(found[0][:], one.Leaves[at]) {
				by = append(by, "tiles")
				break
			}
		}
	}
	for at, path := range one.Inclusion {
		by = add(by, included(tree, int64(at), one.Leaves[at], path))
	}
	for _, old := range one.Consistency {
		by = add(by, consistent(tree, old))
	}
	for _, text := range one.Receipts {
		by = add(by, receipt(one.Key, text))
	}
	return by
}

func opened(key, text string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	read, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(read.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("no checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// included asks both for the path of a leaf.
func included(tree tlog.Tree, at int64, leaf []byte, path [][]byte) []string {
	var by []string
	if err := tlog.CheckRecord(hashes(path), tree.N, tree.Hash, at, hash(leaf)); err != nil {
		by = append(by, "x/mod:inclusion")
	}
	err := proof.VerifyInclusion(
		rfc6962.DefaultHasher, uint64(at), uint64(tree.N), leaf, path, tree.Hash[:])
	if err != nil {
		by = append(by, "merkle:inclusion")
	}
	return by
}

// consistent asks both whether an older tree begins this one.
func consistent(tree tlog.Tree, old older) []string {
	var by []string
	err := tlog.CheckTree(hashes(old.Proof), tree.N, tree.Hash, old.Size, hash(old.Root))
	if err != nil {
		by = append(by, "x/mod:consistency")
	}
	err = proof.VerifyConsistency(rfc6962.DefaultHasher,
		uint64(old.Size), uint64(tree.N), old.Proof, old.Root, tree.Hash[:])
	if err != nil {
		by = append(by, "merkle:consistency")
	}
	return by
}

// receipt reads a .tlog-proof whose extra data is the event's header.
func receipt(key, text string) []string {
	broken := []string{"receipt"}
	head, checkpoint, found := strings.Cut(text, noteMark)
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != receiptLine {
		return broken
	}
	header, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return broken
	}
	at, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return broken
	}
	var path [][]byte
	for _, line := range lines[3:] {
		one, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(one) != tlog.HashSize {
			return broken
		}
		path = append(path, one)
	}
	tree, err := opened(key, checkpoint)
	if err != nil {
		return []string{"note"}
	}
	event := sha256.Sum256(append([]byte("ppl/event/1\x00"), header...))
	return included(tree, at, rfc6962.DefaultHasher.HashLeaf(event[:]), path)
}

// rootOf builds the tree with what x/mod stores of one.
func rootOf(leaves [][]byte) tlog.Hash {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(at))
		for i, index := range at {
			found[i] = stored[index]
		}
		return found, nil
	})
	for at, leaf := range leaves {
		made, err := tlog.StoredHashesForRecordHash(int64(at), hash(leaf), reader)
		if err != nil {
			return tlog.Hash{}
		}
		stored = append(stored, made...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), reader)
	if err != nil {
		return tlog.Hash{}
	}
	return root
}

// folder reads tiles; in our paths the height is not named, as C2SP tlog-tiles says.
type folder string

func (f folder) Height() int { return tileHeight }

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		name := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
		content, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		found[i] = content
	}
	return found, nil
}

func hash(content []byte) (found tlog.Hash) {
	copy(found[:], content)
	return found
}

func hashes(path [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(path))
	for i, one := range path {
		found[i] = hash(one)
	}
	return found
}

func add(by, more []string) []string {
	for _, one := range more {
		known := false
		for _, had := range by {
			known = known || had == one
		}
		if !known {
			by = append(by, one)
		}
	}
	return by
}
