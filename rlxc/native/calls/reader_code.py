"""What reads NumPy arrays, in LLVM IR: Python takes a microsecond for each, and ten where its code is in no cache.

It reads the fields of `PyArrayObject_fields`, which belong to NumPy's binary interface, as compiled extensions do.
"""

from __future__ import annotations

READ = "read_rlxc_arrays"
"""`int64 read(plan, tuple)`: describe the arrays in a Python tuple; 0 if each is as the plan expects it, else 1.

`rlxc.native.calls.plan` says what a plan is. Of what does not fit, nothing is said: others find out what it is.
"""

READER_CODE = """
%array.plan = type { i64, ptr, i64, i64, i64, ptr, ptr }
%array.record = type { i64, ptr, i64, i64, i64, i64, ptr, [0 x i64] }
%array.fields = type { ptr, i32, ptr, ptr, ptr, ptr, i32 }
%array.extent = type { i64, i64, i64 }

define i64 @read_rlxc_arrays(ptr %plan, ptr %tuple) {
entry:
  %count = load i64, ptr %plan
  %type.place = getelementptr %array.plan, ptr %plan, i64 0, i32 1
  %type = load ptr, ptr %type.place
  %items.place = getelementptr %array.plan, ptr %plan, i64 0, i32 2
  %items.offset = load i64, ptr %items.place
  %items = getelementptr i8, ptr %tuple, i64 %items.offset
  %head.place = getelementptr %array.plan, ptr %plan, i64 0, i32 3
  %head = load i64, ptr %head.place
  %type.offset = sub i64 %head, 8
  %names.place = getelementptr %array.plan, ptr %plan, i64 0, i32 4
  %names = load i64, ptr %names.place
  %sizes.place = getelementptr %array.plan, ptr %plan, i64 0, i32 5
  %sizes = load ptr, ptr %sizes.place
  %extents.place = getelementptr %array.plan, ptr %plan, i64 0, i32 6
  %extents = load ptr, ptr %extents.place
  %first = getelementptr %array.plan, ptr %plan, i64 1
  br label %forget

; No array has named a size yet.
forget:
  %name = phi i64 [ 0, %entry ], [ %name.next, %forget.one ]
  %is.known = icmp ult i64 %name, %names
  br i1 %is.known, label %forget.one, label %arrays
forget.one:
  %forgotten = getelementptr i64, ptr %sizes, i64 %name
  store i64 -1, ptr %forgotten
  %name.next = add i64 %name, 1
  br label %forget

arrays:
  %number = phi i64 [ 0, %forget ], [ %number.next, %described ]
  %record = phi ptr [ %first, %forget ], [ %record.next, %described ]
  %more = icmp ult i64 %number, %count
  br i1 %more, label %array, label %compare

; Type, element type, flags and rank.
array:
  %index = load i64, ptr %record
  %item = getelementptr ptr, ptr %items, i64 %index
  %object = load ptr, ptr %item
  %object.type.place = getelementptr i8, ptr %object, i64 %type.offset
  %object.type = load ptr, ptr %object.type.place
  %is.array = icmp eq ptr %object.type, %type
  br i1 %is.array, label %element, label %other
element:
  %fields = getelementptr i8, ptr %object, i64 %head
  %dtype.place = getelementptr %array.fields, ptr %fields, i64 0, i32 5
  %dtype = load ptr, ptr %dtype.place
  %dtype.expected.place = getelementptr %array.record, ptr %record, i64 0, i32 1
  %dtype.expected = load ptr, ptr %dtype.expected.place
  %is.element = icmp eq ptr %dtype, %dtype.expected
  %flags.place = getelementptr %array.fields, ptr %fields, i64 0, i32 6
  %flags.i32 = load i32, ptr %flags.place
  %flags = zext i32 %flags.i32 to i64
  %needed.place = getelementptr %array.record, ptr %record, i64 0, i32 2
  %needed = load i64, ptr %needed.place
  %present = and i64 %flags, %needed
  %has.flags = icmp eq i64 %present, %needed
  %rank.place = getelementptr %array.fields, ptr %fields, i64 0, i32 1
  %rank.i32 = load i32, ptr %rank.place
  %rank = sext i32 %rank.i32 to i64
  %rank.expected.place = getelementptr %array.record, ptr %record, i64 0, i32 5
  %rank.expected = load i64, ptr %rank.expected.place
  %is.rank = icmp eq i64 %rank, %rank.expected
  %is.kind = and i1 %is.element, %has.flags
  %is.expected = and i1 %is.kind, %is.rank
  br i1 %is.expected, label %describe, label %other

; Two pointers and an offset, then sizes and strides, from the last axis to the first: the array is contiguous.
describe:
  %data = load i64, ptr %fields
  %dims.place = getelementptr %array.fields, ptr %fields, i64 0, i32 2
  %dims = load ptr, ptr %dims.place
  %descriptor.place = getelementptr %array.record, ptr %record, i64 0, i32 6
  %descriptor = load ptr, ptr %descriptor.place
  store i64 %data, ptr %descriptor
  %aligned.place = getelementptr i64, ptr %descriptor, i64 1
  store i64 %data, ptr %aligned.place
  %offset.place = getelementptr i64, ptr %descriptor, i64 2
  store i64 0, ptr %offset.place
  %shape = getelementptr i64, ptr %descriptor, i64 3
  %strides = getelementptr i64, ptr %shape, i64 %rank
  br label %axes
axes:
  %left = phi i64 [ %rank, %describe ], [ %axis, %store ]
  %stride = phi i64 [ 1, %describe ], [ %stride.next, %store ]
  %is.axis = icmp ugt i64 %left, 0
  br i1 %is.axis, label %axis.one, label %extent
axis.one:
  %axis = sub i64 %left, 1
  %dim.place = getelementptr i64, ptr %dims, i64 %axis
  %dim = load i64, ptr %dim.place
  %expected.place = getelementptr %array.record, ptr %record, i64 0, i32 7, i64 %axis
  %expected = load i64, ptr %expected.place
  %is.static = icmp sge i64 %expected, 0
  br i1 %is.static, label %static, label %dynamic
static:
  %is.size = icmp eq i64 %dim, %expected
  br i1 %is.size, label %store, label %other
dynamic:
  %is.free = icmp eq i64 %expected, -1
  br i1 %is.free, label %store, label %named
named:
  %size.number = sub i64 -2, %expected
  %size.place = getelementptr i64, ptr %sizes, i64 %size.number
  %size = load i64, ptr %size.place
  %is.first = icmp eq i64 %size, -1
  %is.equal = icmp eq i64 %size, %dim
  %agrees = or i1 %is.first, %is.equal
  br i1 %agrees, label %learn, label %other
learn:
  store i64 %dim, ptr %size.place
  br label %store
store:
  %shape.place = getelementptr i64, ptr %shape, i64 %axis
  store i64 %dim, ptr %shape.place
  %stride.place = getelementptr i64, ptr %strides, i64 %axis
  store i64 %stride, ptr %stride.place
  %stride.next = mul i64 %stride, %dim
  br label %axes

; An array without elements overlaps nothing: it lies from 0 to 0.
extent:
  %itemsize.place = getelementptr %array.record, ptr %record, i64 0, i32 4
  %itemsize = load i64, ptr %itemsize.place
  %bytes = mul i64 %stride, %itemsize
  %is.empty = icmp eq i64 %bytes, 0
  %beyond = add i64 %data, %bytes
  %start = select i1 %is.empty, i64 0, i64 %data
  %end = select i1 %is.empty, i64 0, i64 %beyond
  %written.place = getelementptr %array.record, ptr %record, i64 0, i32 3
  %written = load i64, ptr %written.place
  %extent.place = getelementptr %array.extent, ptr %extents, i64 %number
  store i64 %start, ptr %extent.place
  %end.place = getelementptr %array.extent, ptr %extent.place, i64 0, i32 1
  store i64 %end, ptr %end.place
  %extent.written.place = getelementptr %array.extent, ptr %extent.place, i64 0, i32 2
  store i64 %written, ptr %extent.written.place
  br label %described
described:
  %record.next = getelementptr %array.record, ptr %record, i64 0, i32 7, i64 %rank
  %number.next = add i64 %number, 1
  br label %arrays

; An array that is written to must overlap no other one.
compare:
  %one = phi i64 [ 0, %arrays ], [ %one.next, %one.done ]
  %is.one = icmp ult i64 %one, %count
  br i1 %is.one, label %one.load, label %fits
one.load:
  %one.place = getelementptr %array.extent, ptr %extents, i64 %one
  %one.start = load i64, ptr %one.place
  %one.end.place = getelementptr %array.extent, ptr %one.place, i64 0, i32 1
  %one.end = load i64, ptr %one.end.place
  %one.written.place = getelementptr %array.extent, ptr %one.place, i64 0, i32 2
  %one.written = load i64, ptr %one.written.place
  %is.written = icmp ne i64 %one.written, 0
  br i1 %is.written, label %partners, label %one.done
partners:
  %two = phi i64 [ 0, %one.load ], [ %two.next, %apart ]
  %is.two = icmp ult i64 %two, %count
  br i1 %is.two, label %partner, label %one.done
partner:
  %two.place = getelementptr %array.extent, ptr %extents, i64 %two
  %two.start = load i64, ptr %two.place
  %two.end.place = getelementptr %array.extent, ptr %two.place, i64 0, i32 1
  %two.end = load i64, ptr %two.end.place
  %begins.before = icmp ult i64 %one.start, %two.end
  %ends.after = icmp ult i64 %two.start, %one.end
  %shares = and i1 %begins.before, %ends.after
  %is.other = icmp ne i64 %one, %two
  %overlaps = and i1 %shares, %is.other
  br i1 %overlaps, label %other, label %apart
apart:
  %two.next = add i64 %two, 1
  br label %partners
one.done:
  %one.next = add i64 %one, 1
  br label %compare

fits:
  ret i64 0
other:
  ret i64 1
}
"""
