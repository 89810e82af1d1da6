"""The tamper-evident log: who keeps it cannot change or remove an entry unseen.

In: commitments to events, in order. Out: tiles on disk, signed checkpoints, receipts, proofs and their verification.
It must not know the database, people or rights. One operator writes it: it is evidence against rewriting, not a consensus among many, and
does not prove that what was recorded is true.
"""

from tanlu.records.log.canonical import NotCanonicalError, canonical
from tanlu.records.log.keys import SigningKey
from tanlu.records.log.notes import (
    Checkpoint,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    cosigners,
    open_checkpoint,
    require_quorum,
)
from tanlu.records.log.receipts import Receipt, ReceiptError, commitment, verify_receipt
from tanlu.records.log.tiles import TileError, Tiles, tile_path
from tanlu.records.log.tree import (
    Frontier,
    LeafNodes,
    ProofError,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tanlu.records.log.witness import ForkError, Witness

__all__ = [
    "Checkpoint",
    "ForkError",
    "Frontier",
    "LeafNodes",
    "NotCanonicalError",
    "Note",
    "NoteError",
    "ProofError",
    "Receipt",
    "ReceiptError",
    "Signature",
    "SigningKey",
    "TileError",
    "Tiles",
    "VerifierKey",
    "Witness",
    "canonical",
    "commitment",
    "consistency_path",
    "cosigners",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "open_checkpoint",
    "require_quorum",
    "root_of",
    "tile_path",
    "verify_consistency",
    "verify_inclusion",
    "verify_receipt",
]
