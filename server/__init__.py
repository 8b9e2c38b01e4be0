"""ByteMe's server: runs tenants' programs, one throwaway container each."""
