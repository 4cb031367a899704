//! Machine code for traces: register allocation and RV64GC code in three guard styles.
