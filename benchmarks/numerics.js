#!/usr/bin/env node
import "./dist/numerics.js";
